import type { FileHandleLike, FileSystem } from './file-system.ts';

/**
 * Writes a stream to a new file, which must not exist (nor be a link), and closes it. Durable with `sync`.
 * On failure the file may be there in part: the caller removes it.
 */
export async function writeNewFile(
  path: string,
  source: AsyncIterable<Uint8Array>,
  { fileSystem, mode, sync, onChunk }: { fileSystem: FileSystem; mode: number; sync: boolean; onChunk?: (chunk: Uint8Array) => void },
): Promise<void> {
  const handle = await fileSystem.open(path, 'wx', mode);
  let open = true;
  try {
    for await (const chunk of source) {
      onChunk?.(chunk);
      await writeFully(handle, chunk);
    }
    if (sync) await handle.sync();
    open = false;
    await handle.close();
  } finally {
    if (open) await handle.close().catch(() => undefined);
  }
}

async function writeFully(handle: FileHandleLike, chunk: Uint8Array): Promise<void> {
  let offset = 0;
  while (offset < chunk.byteLength) {
    const { bytesWritten } = await handle.write(chunk, offset, chunk.byteLength - offset);
    // A disk that is nearly full writes a part first, and says ENOSPC only to the rest.
    offset += bytesWritten;
  }
}

/** Makes the names in a folder durable: without it a power cut may undo a rename. */
export async function syncFolder(path: string, fileSystem: FileSystem): Promise<void> {
  const handle = await fileSystem.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
