import { open } from 'node:fs/promises';
import type { ByteSource } from '@overture/tensors';

const largestRead = 2 ** 30; // the operating system reads less than 2 GiB at a time

/** A file on disk as a source of bytes; open until disposed. */
export interface FileSource extends ByteSource, AsyncDisposable {}

/** Opens a file for positioned reads, so that it can be larger than the largest buffer. */
export async function openFileSource(path: string): Promise<FileSource> {
  const handle = await open(path);
  const { size } = await handle.stat();
  return {
    size,
    async read(at, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(largestRead, length - done), at + done);
        // the file was truncated after it was opened
        if (bytesRead === 0) throw new RangeError(`${path} ended at byte ${at + done} while it was read`);
        done += bytesRead;
      }
      return bytes;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
