import type { FileHandleLike, FileSystem } from './file-system.ts';

/**
 * Writes a stream to a new file and closes it. The path must not exist, not even as a link. With `sync`, the
 * content is durable. On failure a partial file may remain; the caller removes it.
 */
export async function writeNewFile(
  path: string,
  source: AsyncIterable<Uint8Array>,
  {
    fileSystem,
    mode,
    sync,
    onChunk,
  }: { fileSystem: FileSystem; mode: number; sync: boolean; onChunk?: (chunk: Uint8Array) => void },
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
    // A disk that is nearly full first writes a part; only the next write fails with ENOSPC.
    offset += bytesWritten;
  }
}

/** Syncs the names in a folder. Without this, a power failure may undo a rename. */
export async function syncFolder(path: string, fileSystem: FileSystem): Promise<void> {
  const handle = await fileSystem.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
