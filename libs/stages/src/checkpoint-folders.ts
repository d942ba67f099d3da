import type { Digest } from '@overture/core';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const parent = (stateDir: string): string => join(stateDir, 'checkpoints');

/** The checkpoint folder of a training, by its cache key. The next attempt, in any run, resumes from it. */
export function checkpointFolder(stateDir: string, cacheKey: Digest): string {
  return join(parent(stateDir), cacheKey.replace(':', '-'));
}

/** Days that checkpoints are kept. A parked training may wait a week for a decision. */
const keptDays = 30;

/**
 * Removes checkpoints that have not been used for a month: their runs were terminated, or failed and were not
 * started again. Checkpoints of canceled or finished trainings are removed when those end.
 * @returns the names of the removed folders
 */
export async function clearOldCheckpoints(stateDir: string, now = new Date()): Promise<string[]> {
  const names = await readdir(parent(stateDir)).catch(() => []);
  const old: string[] = [];
  for (const name of names)
    if ((await lastWritten(join(parent(stateDir), name))) < now.getTime() - keptDays * 86_400_000)
      old.push(name);
  for (const name of old) await rm(join(parent(stateDir), name), { recursive: true, force: true });
  return old;
}

/** The latest modification time in a folder, in milliseconds. */
async function lastWritten(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const times = await Promise.all(
    [folder, ...files.map((file) => join(folder, file))].map((path) =>
      stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      ),
    ),
  );
  return Math.max(...times);
}
