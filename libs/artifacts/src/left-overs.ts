import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { isAlive } from './is-alive.ts';

const abandonedAfterMs = 24 * 60 * 60 * 1000;
const namePattern = /^(?<host>.+)\.(?<pid>\d+)\.[0-9a-f-]{36}$/;

/**
 * Removes the files of dead writers from `incoming`: files of this host's processes that no longer exist, and
 * any file not written to for a day. The second rule is for other hosts and reused process ids, which cannot
 * be checked. `probe` is an unused name there: a file created under it provides the file system's clock, with
 * which modification times must be compared.
 */
export async function removeLeftOvers(
  incoming: string,
  probe: string,
  fileSystem: FileSystem,
): Promise<void> {
  const now = await fileSystemTime(probe, fileSystem);
  for (const name of await fileSystem.readdir(incoming)) {
    const path = join(incoming, name);
    // A file may disappear meanwhile: its writer finished, or another process is cleaning up too.
    const status = await fileSystem.lstat(path).catch(ignoreMissing);
    if (status === undefined) continue;
    if (isAbandoned(name) || now - status.mtimeMs > abandonedAfterMs)
      await fileSystem.rm(path, { force: true, recursive: true });
  }
}

async function fileSystemTime(probe: string, fileSystem: FileSystem): Promise<number> {
  const handle = await fileSystem.open(probe, 'wx', 0o600);
  try {
    return (await handle.stat()).mtimeMs;
  } finally {
    await handle.close().finally(() => fileSystem.rm(probe, { force: true }));
  }
}

function isAbandoned(name: string): boolean {
  const { host, pid } = namePattern.exec(name)?.groups ?? {};
  return host === hostname() && !isAlive(Number(pid));
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}
