import { isUtf8 } from 'node:buffer';
import { corpusError } from './problem-log.ts';
import { readBytes } from './read-bytes.ts';
import type { ReadLimits } from './read-limits.ts';

/** A line of a file. */
export interface Line {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
}

const newline = 0x0a;

/**
 * The lines of a UTF-8 file, without line ends and without a byte order mark. Holds one line and one chunk at
 * a time.
 * @throws AppError `CORPUS_LINE_TOO_LONG`, `CORPUS_NOT_UTF8` or `CORPUS_BINARY`, naming the line
 */
export async function* readLines(
  file: string,
  limits: Pick<ReadLimits, 'lineBytes'>,
  signal?: AbortSignal,
): AsyncGenerator<Line> {
  let pieces: Buffer[] = [];
  let held = 0;
  let number = 1;
  const grow = (piece: Buffer): void => {
    held += piece.length;
    if (held > limits.lineBytes) throw tooLong(file, number, limits.lineBytes);
    pieces.push(piece);
  };
  const take = (): Line => {
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    pieces = [];
    held = 0;
    return { text: decodeLine(bytes, file, number), number: number++ };
  };
  for await (const chunk of readBytes(file, signal)) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      grow(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < chunk.length) grow(chunk.subarray(start));
  }
  if (held > 0) yield take();
}

/**
 * A line's bytes as text, without a byte order mark (concatenated files contain one in the middle) and a
 * carriage return.
 * @throws AppError `CORPUS_NOT_UTF8` or `CORPUS_BINARY`
 */
export function decodeLine(bytes: Buffer, file: string, line: number): string {
  if (!isUtf8(bytes)) {
    throw corpusError({
      code: 'CORPUS_NOT_UTF8',
      file,
      line,
      message: `Text must be UTF-8, and this line is not: ${invalidByte(bytes)}. Convert the file, for instance with \`iconv -f WINDOWS-1252 -t UTF-8\`.`,
    });
  }
  if (bytes.includes(0)) {
    throw corpusError({
      code: 'CORPUS_BINARY',
      file,
      line,
      message: 'A corpus must be text, and this line has a NUL byte. Give the text file itself.',
    });
  }
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const to = bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length;
  return bytes.toString('utf8', from, to);
}

/** Describes the first byte that is not UTF-8, and what it would be in the most likely encoding. */
function invalidByte(bytes: Buffer): string {
  const valid = new TextDecoder('utf-8');
  let at = 0;
  for (const character of valid.decode(bytes)) {
    if (character === '\uFFFD') break;
    at += Buffer.byteLength(character);
  }
  const byte = bytes[at] ?? 0;
  return `byte ${at + 1} is 0x${byte.toString(16).toUpperCase().padStart(2, '0')}, in Windows-1252 "${new TextDecoder('windows-1252').decode(Uint8Array.of(byte))}"`;
}

function tooLong(file: string, line: number, limit: number): Error {
  return corpusError({
    code: 'CORPUS_LINE_TOO_LONG',
    file,
    line,
    message: `A line may have up to ${limit.toLocaleString('en-US')} bytes, and this one is longer. Put each conversation (JSON Lines) or utterance (TSV) on a line of its own.`,
  });
}
