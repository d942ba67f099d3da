import { chmod, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Moves a finished file to its final name atomically, so that a reader sees all of it or nothing, even after
 * a power failure. Both paths must be on one file system: put the temporary file beside its destination.
 */
export async function installFile(
  temporary: string,
  to: string,
  options: { readonly mode?: number } = {},
): Promise<void> {
  if (options.mode !== undefined) await chmod(temporary, options.mode);
  await sync(temporary, 'r+');
  await rename(temporary, to);
  await sync(dirname(to), 'r');
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
