import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, signalProcess, type ProcessIdentity } from './process-identity.ts';

/**
 * Ends what an earlier stack of this home left running: all of it when owner and guardian were killed at once; when only the owner
 * was, a guardian that is still busy ending its children. Only for the holder of the lock. Returns the names of those ended.
 */
export async function endSurvivors(childrenFile: string): Promise<readonly string[]> {
  const survivors = (await readChildren(childrenFile)).filter(isRunning);
  // SIGINT: Postgres' fast shutdown, and good enough for the others.
  for (const survivor of survivors) signalProcess(survivor, 'SIGINT', { group: true });
  for (let waited = 0; waited < 5_000 && survivors.some(isRunning); waited += 50) await sleep(50);
  for (const survivor of survivors) signalProcess(survivor, 'SIGKILL', { group: true });
  await rm(childrenFile, { force: true });
  return survivors.map(({ name }) => name).filter((name) => name !== 'guardian');
}

async function readChildren(path: string): Promise<readonly (ProcessIdentity & { readonly name: string })[]> {
  try {
    const data: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Array.isArray(data) ? data.filter((item) => typeof item?.pid === 'number' && typeof item.startTime === 'string') : [];
  } catch {
    return [];
  }
}
