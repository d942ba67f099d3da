import { AppError } from '@overture/core';
import type { Line } from '@overture/dialogue';

const newline = 0x0a;

/**
 * The lines of a stream of UTF-8 bytes, without their ends; `readLines` of @overture/dialogue is the same for files. Standard input may be a
 * socket, which cannot be opened by a path.
 * @throws AppError `CORPUS_LINE_TOO_LONG`, `CORPUS_NOT_UTF8`, naming the line
 */
export async function* streamLines(
  chunks: AsyncIterable<Uint8Array>,
  { name, lineBytes }: { readonly name: string; readonly lineBytes: number },
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let held: Uint8Array[] = [];
  let number = 1;
  const take = (): Line => {
    const bytes = Buffer.concat(held);
    held = [];
    try {
      return { text: decoder.decode(bytes), number: number++ };
    } catch (cause) {
      throw new AppError('CORPUS_NOT_UTF8', `${name}:${number} must be UTF-8 text, and is not. Convert it first, for example with iconv.`, {
        details: { name, line: number },
        cause,
      });
    }
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      held.push(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    held.push(chunk.subarray(start));
    const length = held.reduce((sum, piece) => sum + piece.length, 0);
    if (length > lineBytes) {
      throw new AppError(
        'CORPUS_LINE_TOO_LONG',
        `${name}:${number} must be at most ${lineBytes} bytes long, and is longer. One conversation stands on a line.`,
        { details: { name, line: number } },
      );
    }
  }
  if (held.some((piece) => piece.length > 0)) yield take();
}
