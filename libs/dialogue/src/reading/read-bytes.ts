import { createReadStream } from 'node:fs';
import { corpusError } from './problem-log.ts';

const chunkBytes = 256 * 1024;

/** The chunks of a file. A file system error becomes a corpus error that names the file. */
export async function* readBytes(file: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, signal }))
      yield chunk as Buffer;
  } catch (error) {
    throw fileError(file, error);
  }
}

/**
 * The chunks of a UTF-8 file, for readers that would silently replace invalid bytes.
 * @throws AppError `CORPUS_NOT_UTF8`, naming the line
 */
export async function* readUtf8(file: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  const check = (decode: () => string, chunk: Buffer): void => {
    try {
      decode();
    } catch (error) {
      const message =
        'Text must be UTF-8, and this line or one soon after it is not. Convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`.';
      throw corpusError({ code: 'CORPUS_NOT_UTF8', file, line: line + linesBefore(chunk), message }, error);
    }
  };
  for await (const chunk of readBytes(file, signal)) {
    check(() => decoder.decode(chunk, { stream: true }), chunk);
    line += newlines(chunk);
    yield chunk;
  }
  check(() => decoder.decode(), Buffer.alloc(0));
}

/** Number of lines in a chunk that end before its first invalid byte. */
function linesBefore(chunk: Buffer): number {
  const valid = new TextDecoder('utf-8').decode(chunk).split('\uFFFD', 1)[0] ?? '';
  return valid.split('\n').length - 1;
}

function newlines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) count++;
  return count;
}

/** A Node file system error as a corpus error; any other error is returned unchanged. */
export function fileError(file: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return corpusError(
      {
        code: 'CORPUS_NOT_FOUND',
        file,
        message: 'A corpus must be a file or a folder that exists. Nothing is there: check the path.',
      },
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EISDIR' || code === 'EIO' || code === 'ELOOP') {
    return corpusError(
      {
        code: 'CORPUS_UNREADABLE',
        file,
        message: `The file could not be read (${code}). Check its type and permissions.`,
      },
      error,
    );
  }
  return error;
}
