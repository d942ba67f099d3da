import { AppError } from '@overture/core';
import { decodeLine, type Line } from '@overture/dialogue';

/** A line that is not text or is too long. */
export interface BadLine {
  readonly number: number;
  readonly error: AppError;
}

const newline = 0x0a;

/**
 * The lines of a stream of UTF-8 bytes, without line ends. Unlike `readLines` of @overture/dialogue, which
 * rejects a whole corpus, it continues after a bad line. Holds one line and one chunk at a time.
 * @param name the stream's name, for messages
 */
export async function* streamLines(
  chunks: AsyncIterable<Uint8Array>,
  { name, lineBytes }: { readonly name: string; readonly lineBytes: number },
): AsyncGenerator<Line | BadLine> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let number = 1;
  const hold = (piece: Uint8Array): void => {
    length += piece.length;
    if (length <= lineBytes) pieces.push(piece);
    else pieces = []; // the rest of the line is counted and discarded
  };
  const take = (): Line | BadLine => {
    const [bytes, whole] = [Buffer.concat(pieces), length];
    pieces = [];
    length = 0;
    const at = number++;
    return whole > lineBytes ? tooLong({ name, number: at, lineBytes }) : decoded(bytes, name, at);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      hold(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    hold(chunk.subarray(start));
  }
  if (length > 0) yield take();
}

function decoded(bytes: Buffer, name: string, number: number): Line | BadLine {
  try {
    return { text: decodeLine(bytes, name, number), number };
  } catch (error) {
    if (error instanceof AppError) return { number, error };
    throw error;
  }
}

function tooLong({
  name,
  number,
  lineBytes,
}: {
  readonly name: string;
  readonly number: number;
  readonly lineBytes: number;
}): BadLine {
  const message = `${name}:${number} must be at most ${lineBytes} bytes long, and is longer. One conversation stands on a line.`;
  return {
    number,
    error: new AppError('CORPUS_LINE_TOO_LONG', message, { details: { name, line: number } }),
  };
}
