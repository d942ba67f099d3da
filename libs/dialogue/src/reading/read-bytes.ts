import { createReadStream } from 'node:fs';
import { corpusError } from './problem-log.ts';

const chunkBytes = 256 * 1024;

/** The chunks of a file; a failure of the file system becomes a corpus error that names the file. */
export async function* readBytes(file: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes, signal })) yield chunk as Buffer;
  } catch (error) {
    throw fileError(file, error);
  }
}

/** A Node file-system error as a corpus error; anything else comes back as it is. */
export function fileError(file: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return corpusError(
      { code: 'CORPUS_NOT_FOUND', file, message: 'A corpus must be a file or a folder that exists. Nothing is there: check the path.' },
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EISDIR' || code === 'EIO' || code === 'ELOOP') {
    return corpusError(
      { code: 'CORPUS_UNREADABLE', file, message: `The file could not be read (${code}). Check its type and permissions.` },
      error,
    );
  }
  return error;
}
