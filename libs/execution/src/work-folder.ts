import { isAlive } from '@overture/artifacts';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const parent = (stateDir: string): string => join(stateDir, 'work');

/** The folder of one attempt. */
export interface WorkFolder extends AsyncDisposable {
  /** Empty, and made when it is first asked for: a stage that needs none pays for none. */
  readonly path: string;
}

/** A folder for one attempt, removed with what is in it when disposed. Whose it is stands in its name, for whoever cleans up after a crash. */
export function workFolder(stateDir: string, stage: string): WorkFolder {
  let made: string | undefined;
  const make = (): string => {
    mkdirSync(parent(stateDir), { recursive: true });
    return mkdtempSync(join(parent(stateDir), `${hostname()}~${process.pid}~${stage}-`));
  };
  return {
    get path() {
      return (made ??= make());
    },
    async [Symbol.asyncDispose]() {
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    },
  };
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
