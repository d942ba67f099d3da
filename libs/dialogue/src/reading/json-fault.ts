import { shown } from './problem-log.ts';

/** Why a text that must be one JSON object does not parse: one sentence, and what to do. */
export function jsonFault(text: string, error: Error): string {
  const trimmed = text.trim();
  if (trimmed.endsWith(',') && parses(trimmed.slice(0, -1)))
    return 'The line ends with a comma after the JSON object. Remove the comma: JSON Lines have none between objects.';
  if (/,\s*[}\]]/.test(trimmed) && parses(trimmed.replace(/,(\s*[}\]])/g, '$1')))
    return 'JSON allows no comma before a closing bracket, and this line has one. Remove it.';
  if (/^\{\s*'/.test(trimmed))
    return 'JSON needs double quotes, and this line has single ones, as Python prints a dict. Write it with json.dumps.';
  if (/[:[,]\s*(NaN|-?Infinity)\b/.test(trimmed))
    return 'JSON has no NaN and no Infinity, and this line has one. Write null instead, or leave the key out.';
  if (/\}\s*\{/.test(trimmed) && parses(`[${trimmed.replace(/\}\s*\{/g, '},{')}]`))
    return 'The line has several JSON objects. Put each on a line of its own.';
  return `A line must be one JSON object. This one is not valid JSON (${error.message}).`;
}

/**
 * Why a JSON file that is read as a stream is invalid, in a reader's terms.
 * @param message of the parser, in terms of its own states
 * @param records number of records read before the error
 */
export function jsonStreamFault(message: string, records: number): string {
  const where = records === 0 ? 'before its first conversation ends' : `after conversation ${records}`;
  if (message.includes('in state ENDED'))
    return 'The file has more than one JSON value. Write one array of conversations, or one conversation per line.';
  if (/in state (BOM_OR_)?START/.test(message) && records === 0 && !/position "[1-9]/.test(message))
    return 'The file must be JSON, which begins with [ or {. This one begins with something else. Export it again as JSON, or name its format with --from.';
  if (message.includes('RIGHT_') && message.includes('in state VALUE'))
    return `JSON allows no comma before a closing bracket, and the file has one ${where}. Remove it.`;
  const [, token] = /Unexpected (?:[A-Z_]+ )?\(?("(?:[^"\\]|\\.)*"|[^\s)]+)/.exec(message) ?? [];
  return `The file must be valid JSON, and is not: there is an unexpected ${token ?? 'character'} ${where}. Export it again.`;
}

/** Why a file cannot be JSON Lines, from its beginning; undefined if it can. */
export function notJsonLines({
  text,
  firstLine,
}: {
  readonly text: string;
  readonly firstLine: string;
}): string | undefined {
  const begin = text.trimStart();
  const wholeLine = begin.length > firstLine.length;
  if (begin.startsWith('[') && !(wholeLine && parses(firstLine)))
    return "The file is one JSON array. Write one conversation per line instead, for instance with `jq -c '.[]' FILE > corpus.jsonl`.";
  if (
    begin.startsWith('{') &&
    wholeLine &&
    /[{[,]$/.test(firstLine.trim()) &&
    !parses(firstLine.trim().replace(/,$/, ''))
  )
    return `The file is one JSON value over several lines${keysOf(begin)}. A corpus has one conversation per line, with the key "utterances".`;
  return undefined;
}

/** The first keys of an object of which only the beginning is available. */
function keysOf(begin: string): string {
  const indent = /\n([ \t]+)"/.exec(begin)?.[1];
  const keys =
    indent === undefined
      ? []
      : [...begin.matchAll(new RegExp(`\\n${indent}("(?:[^"\\\\\\n]|\\\\.)*")\\s*:`, 'g'))].map(
          ([, key]) => key,
        );
  return keys.length === 0
    ? ''
    : `, with the keys ${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ', …' : ''}`;
}

/** The keys of an object, for messages. */
export function shownKeys(value: object): string {
  const keys = Object.keys(value);
  return keys.length === 0
    ? 'no keys'
    : `the key${keys.length === 1 ? '' : 's'} ${keys.slice(0, 6).map(shown).join(', ')}${keys.length > 6 ? ', …' : ''}`;
}

/** Whether a text is one JSON value. */
export function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
