import { corpusError, type CorpusErrorCode } from './problem-log.ts';
import { readBytes } from './read-bytes.ts';
import { decodeLine } from './read-lines.ts';
import type { ReadLimits } from './read-limits.ts';

/** One member of the file's outermost JSON object. */
export interface ObjectEntry {
  readonly key: string;
  readonly value: unknown;
  /** 1-based line on which the member begins. */
  readonly line: number;
}

const byte = {
  quote: 0x22,
  backslash: 0x5c,
  open: 0x7b,
  close: 0x7d,
  openList: 0x5b,
  closeList: 0x5d,
  comma: 0x2c,
  newline: 0x0a,
  bom: [0xef, 0xbb, 0xbf],
};

/**
 * The members of one big JSON object, one at a time. Finds where each begins and ends, and parses it with
 * JSON.parse. Unlike the streaming parsers on npm, it limits the memory of one member and tracks its line.
 * @throws AppError `CORPUS_JSON`, `CORPUS_LINE_TOO_LONG` or `CORPUS_NOT_UTF8`, naming the line
 */
export async function* readObjectEntries(
  file: string,
  limits: Pick<ReadLimits, 'lineBytes'>,
  signal?: AbortSignal,
): AsyncGenerator<ObjectEntry> {
  let pieces: Buffer[] = [];
  let held = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let begun = false;
  let ended = false;
  let entries = 0;
  let line = 1;
  let entryLine = 1;

  const fail = (code: CorpusErrorCode, message: string, at = line): Error =>
    corpusError({ code, file, line: at, message });
  const hold = (piece: Buffer): void => {
    held += piece.length;
    if (held > limits.lineBytes) {
      throw fail(
        'CORPUS_LINE_TOO_LONG',
        `A dialogue may have up to ${limits.lineBytes.toLocaleString('en-US')} bytes, and the one that begins here is longer. Split it, or leave it out.`,
        entryLine,
      );
    }
    if (piece.length > 0) pieces.push(piece);
  };
  const take = (isLast: boolean): ObjectEntry | undefined => {
    const text = decodeLine(Buffer.concat(pieces), file, entryLine).trim();
    pieces = [];
    held = 0;
    if (text === '' && isLast && entries === 0) return undefined;
    const entry = parseEntry(text, (message) => fail('CORPUS_JSON', message, entryLine));
    entries++;
    return { ...entry, line: entryLine };
  };

  let position = 0;
  for await (const chunk of readBytes(file, signal)) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++, position++) {
      const c = chunk[i] as number;
      if (c === byte.newline) line++;
      if (inString) {
        if (escaped) escaped = false;
        else if (c === byte.backslash) escaped = true;
        else if (c === byte.quote) inString = false;
        continue;
      }
      if (isSpace(c) || (position < 3 && c === byte.bom[position])) {
        // White space before a member is not part of it: the member's line is that of its first character.
        if (depth === 1 && held === 0 && start === i) start = i + 1;
        continue;
      }
      if (!begun) {
        if (c !== byte.open)
          throw fail(
            'CORPUS_JSON',
            'The file must be one JSON object of dialogues, and does not begin with "{".',
          );
        begun = true;
        depth = 1;
        start = i + 1;
        continue;
      }
      if (ended)
        throw fail(
          'CORPUS_JSON',
          'The JSON object ends, and more text follows it. Put all dialogues into one object.',
        );
      if (depth === 1 && held === 0 && start === i) entryLine = line;
      if (c === byte.quote) inString = true;
      else if (c === byte.open || c === byte.openList) depth++;
      else if (c === byte.close || c === byte.closeList) depth--;
      if ((depth === 1 && c === byte.comma) || depth === 0) {
        hold(chunk.subarray(start, i));
        const entry = take(depth === 0);
        if (entry) yield entry;
        start = i + 1;
        ended = depth === 0;
      }
    }
    if (begun && !ended && start < chunk.length) hold(chunk.subarray(start));
  }
  if (!ended)
    throw fail(
      'CORPUS_JSON',
      `The file ends in the middle of a dialogue${begun ? `, which begins at line ${entryLine}` : ''}. It seems cut short: fetch it again.`,
    );
}

function parseEntry(text: string, fail: (message: string) => Error): { key: string; value: unknown } {
  try {
    const entries = Object.entries(JSON.parse(`{${text}}`) as Record<string, unknown>);
    const [entry] = entries;
    if (entry === undefined) throw new SyntaxError('a member is missing between two commas');
    return { key: entry[0], value: entry[1] };
  } catch (error) {
    throw fail(`The dialogue that begins here is not valid JSON (${(error as Error).message}).`);
  }
}

function isSpace(c: number): boolean {
  return c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
}
