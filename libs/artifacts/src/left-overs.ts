import { hostname } from 'node:os';
import { join } from 'node:path';
import type { FileSystem } from './file-system.ts';
import { isAlive } from './is-alive.ts';

const abandonedAfterMs = 24 * 60 * 60 * 1000;
const namePattern = /^(?<host>.+)\.(?<pid>\d+)\.[0-9a-f-]{36}$/;

/**
 * Removes from `incoming` what dead writers left: files of processes of this host that are gone, and, since other hosts' processes
 * and reused process ids cannot be told, files not written to for a day. `probe` is a free name there: the time is taken from a file
 * made for it, because the files to compare with carry the file system's clock and not ours.
 */
export async function removeLeftOvers(incoming: string, probe: string, fileSystem: FileSystem): Promise<void> {
  const now = await fileSystemTime(probe, fileSystem);
  for (const name of await fileSystem.readdir(incoming)) {
    const path = join(incoming, name);
    // A file may go while we look: its writer finished, or another process cleans up too.
    const status = await fileSystem.lstat(path).catch(ignoreMissing);
    if (status === undefined) continue;
    if (isAbandoned(name) || now - status.mtimeMs > abandonedAfterMs) await fileSystem.rm(path, { force: true, recursive: true });
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
