import type { FileHandleLike } from './file-system.ts';

const chunkBytes = 1 << 20;

/** The bytes of an open file, in chunks of at most 1 MiB, each in memory of its own; closes the file in the end. */
export async function* readHandle(handle: FileHandleLike): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const { size } = await handle.stat();
    for (;;) {
      // One byte more than the file, so that the end of a small file shows in the same read.
      const buffer = new Uint8Array(Math.min(chunkBytes, size + 1));
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
