import type { Digest } from '@overture/core';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const parent = (stateDir: string): string => join(stateDir, 'checkpoints');

/** The folder for the checkpoints of a training, by the identity of its work: the next attempt, in any run, continues from there. */
export function checkpointFolder(stateDir: string, cacheKey: Digest): string {
  return join(parent(stateDir), cacheKey.replace(':', '-'));
}

/** A parked training may wait for a decision for a week. */
const keptDays = 30;

/**
 * Removes the checkpoints of trainings that nobody has continued for a month: their runs were terminated, or failed and were not started again. Those of a
 * cancelled or finished training are removed at its end.
 * @returns the names of the folders
 */
export async function clearOldCheckpoints(stateDir: string, now = new Date()): Promise<string[]> {
  const names = await readdir(parent(stateDir)).catch(() => []);
  const old: string[] = [];
  for (const name of names) if ((await lastWritten(join(parent(stateDir), name))) < now.getTime() - keptDays * 86_400_000) old.push(name);
  for (const name of old) await rm(join(parent(stateDir), name), { recursive: true, force: true });
  return old;
}

/** When something in a folder was last written; milliseconds. */
async function lastWritten(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const times = await Promise.all([folder, ...files.map((file) => join(folder, file))].map((path) => stat(path).then(({ mtimeMs }) => mtimeMs, () => Infinity)));
  return Math.max(...times);
}
