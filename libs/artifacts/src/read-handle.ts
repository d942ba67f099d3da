import type { FileHandleLike } from './file-system.ts';

const chunkBytes = 1 << 20;

/**
 * Reads an open file in chunks of at most 1 MiB, each with its own memory, and closes the file at the end.
 */
export async function* readHandle(handle: FileHandleLike): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const { size } = await handle.stat();
    for (;;) {
      // One byte more than the file, so that one read is enough to detect the end of a small file.
      const buffer = new Uint8Array(Math.min(chunkBytes, size + 1));
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
