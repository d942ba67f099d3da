import { JSONParser } from '@streamparser/json';
import { corpusError } from '../reading/problem-log.ts';
import { readUtf8 } from '../reading/read-bytes.ts';
import { readHead, type FileHead } from '../reading/read-head.ts';
import { readLines } from '../reading/read-lines.ts';
import { jsonFault, jsonStreamFault, parses } from '../reading/json-fault.ts';
import type { ExportRecord } from './export-converter.ts';

/** Maximum bytes of a conversation in an export. The limit for a corpus is lower. */
const recordBytes = 64 * 1024 * 1024;

/**
 * The records of a JSON file, one at a time: the lines of JSON Lines, the elements of an array, or those of a
 * list in the outermost object.
 * @param lists members of the outermost object that may contain the list; dotted if deeper
 * @throws AppError `CORPUS_JSON`, `CORPUS_BINARY`, `CORPUS_EMPTY`, naming file and line
 */
export async function* jsonRecords(
  file: string,
  lists: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<ExportRecord> {
  const head = await readHead(file);
  const path = head.text.trimStart().startsWith('[') ? '$.*' : listPath(head.text, lists);
  if (isJsonLines(head, path)) yield* lineRecords(file, signal);
  else yield* parsedRecords(file, path, signal);
}

function isJsonLines({ text, firstLine }: FileHead, path: string): boolean {
  const begin = text.trimStart();
  const first = firstLine.trim();
  const more = begin.slice(firstLine.length).trim() !== '';
  if (!first.startsWith('{')) return more && parses(first);
  // A first line that exceeds the head is a long conversation, unless it names a list.
  if (more) return parses(first);
  return path === '$' && (parses(first) || begin.length === firstLine.length);
}

async function* lineRecords(file: string, signal?: AbortSignal): AsyncGenerator<ExportRecord> {
  for await (const { text, number } of readLines(file, { lineBytes: recordBytes }, signal)) {
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw corpusError({
        code: 'CORPUS_JSON',
        file,
        line: number,
        message: jsonFault(text, error as Error),
      });
    }
    yield { value, number };
  }
}

/** The path of the list of conversations; the whole value if no list is named. */
function listPath(text: string, lists: readonly string[]): string {
  const found = lists.find((list) => new RegExp(`"${list.split('.').at(-1)}"\\s*:\\s*\\[`).test(text));
  return found === undefined ? '$' : `$.${found}.*`;
}

async function* parsedRecords(
  file: string,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<ExportRecord> {
  const parser = new JSONParser({ paths: [path], keepStack: false });
  let [found, number, failure]: [unknown[], number, Error | undefined] = [[], 0, undefined];
  parser.onValue = ({ value }) => void found.push(value);
  parser.onError = (error) => void (failure ??= error);
  for await (const chunk of readUtf8(file, signal)) {
    try {
      parser.write(number === 0 && found.length === 0 ? withoutMark(chunk) : chunk);
    } catch (error) {
      failure ??= error as Error;
    }
    const ready = found;
    found = [];
    for (const value of ready) yield { value, number: ++number };
    if (failure !== undefined) throw broken(file, jsonStreamFault(failure.message, number));
  }
  if (!parser.isEnded)
    throw broken(file, 'The file must be valid JSON, and ends in the middle. Export it again.');
}

function withoutMark(chunk: Buffer): Buffer {
  return chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
}

function broken(file: string, message: string): Error {
  return corpusError({ code: 'CORPUS_JSON', file, message });
}
