import { isAlive } from '@overture/artifacts';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const parent = (stateDir: string): string => join(stateDir, 'work');

/** The work folder of one attempt. */
export interface WorkFolder extends AsyncDisposable {
  /** Created, empty, on first access: stages that do not use it cost nothing. */
  readonly path: string;
}

/**
 * Creates a folder for one attempt; disposing removes it with its content. Its name contains the host and the
 * process, for cleanup after a crash.
 */
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

/** Removes the work folders of dead processes on this machine and returns their names. */
export async function clearLeftOverWork(stateDir: string): Promise<string[]> {
  const names = await readdir(parent(stateDir)).catch(() => []);
  const left = names.filter((name) => {
    const [host, pid] = name.split('~');
    return host === hostname() && Number(pid) > 0 && !isAlive(Number(pid));
  });
  for (const name of left) await rm(join(parent(stateDir), name), { recursive: true, force: true });
  return left;
}
