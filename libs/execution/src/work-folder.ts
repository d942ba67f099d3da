import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const parent = (stateDir: string): string => join(stateDir, 'work');

/** Makes an empty folder for one attempt. Whose it is stands in its name, for whoever cleans up after a crash. */
export async function makeWorkFolder(stateDir: string, stage: string): Promise<string> {
  await mkdir(parent(stateDir), { recursive: true });
  return mkdtemp(join(parent(stateDir), `${hostname()}~${process.pid}~${stage}-`));
}

/** Removes the work folders of this machine's processes that are gone; gives their names. */
export async function clearLeftOverWork(stateDir: string): Promise<string[]> {
  const names = await readdir(parent(stateDir)).catch(() => []);
  const left = names.filter((name) => {
    const [host, pid] = name.split('~');
    return host === hostname() && Number(pid) > 0 && !isAlive(Number(pid));
  });
  for (const name of left) await rm(join(parent(stateDir), name), { recursive: true, force: true });
  return left;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
