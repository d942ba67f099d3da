import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { endProcess, endsWithin } from './end-process.ts';
import { hurrySignal } from './guardian/protocol.ts';
import type { HomePaths } from './paths.ts';
import { identityOf, isRunning, signalProcess, type ProcessIdentity } from './process-identity.ts';

/**
 * How long the guardian of an earlier owner may take to end by itself, and then after the hurry signal;
 * milliseconds.
 */
const guardianMs = { alone: 5_000, hurried: 15_000 };
const graceMs = 2_000;

/**
 * Ends the processes that an earlier stack of this home left running. Waits for the guardian first, because
 * it could start more processes. Also ends a Temporal server on the home's database that no list names. The
 * caller must hold the lock.
 * @returns the names of the processes that did not end by themselves
 */
export async function endSurvivors({
  children: childrenFile,
  temporalDatabase,
}: Pick<HomePaths, 'children' | 'temporalDatabase'>): Promise<readonly string[]> {
  const guardian = (await readChildren(childrenFile)).find(({ name }) => name === 'guardian');
  if (guardian !== undefined) await endGuardian(guardian);
  const listed = (await readChildren(childrenFile)).filter(
    (child) => child.name !== 'guardian' && isRunning(child),
  );
  const strays = (await processesWith(temporalDatabase)).filter(
    ({ pid }) => !listed.some((child) => child.pid === pid),
  );
  const survivors = [...listed, ...strays.map((stray) => ({ name: 'temporal', ...stray }))];
  // SIGINT requests a fast shutdown of Postgres, and an orderly one of Temporal and the worker.
  await Promise.all(survivors.map((survivor) => endProcess(survivor, { signal: 'SIGINT', graceMs })));
  await rm(childrenFile, { force: true });
  return survivors.map(({ name }) => name);
}

/**
 * A guardian whose owner has just exited is already ending its children; the wait lets it save a checkpoint.
 */
async function endGuardian(guardian: ProcessIdentity): Promise<void> {
  if (await endsWithin(guardian, guardianMs.alone)) return;
  signalProcess(guardian, hurrySignal);
  if (await endsWithin(guardian, guardianMs.hurried)) return;
  await endProcess(guardian, { signal: 'SIGKILL', graceMs });
}

async function readChildren(path: string): Promise<readonly (ProcessIdentity & { readonly name: string })[]> {
  try {
    const data: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Array.isArray(data)
      ? data.filter((item) => typeof item?.pid === 'number' && typeof item.startTime === 'string')
      : [];
  } catch {
    return [];
  }
}

/**
 * The processes with this path as an argument. They may be missing from the list, if the guardian was killed
 * right after it started them.
 */
async function processesWith(path: string): Promise<readonly ProcessIdentity[]> {
  const found = process.platform === 'linux' ? await fromProc(path) : await fromPs(path);
  return found
    .filter((pid) => pid !== process.pid)
    .map(identityOf)
    .filter(isRunning);
}

async function fromProc(path: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const matches = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').includes(path),
    ),
  );
  return pids.filter((_, i) => matches[i]).map(Number);
}

async function fromPs(path: string): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'pid=,command=']);
  const rows = stdout.split('\n').map((row) => row.trim());
  return rows.filter((row) => row.includes(` --db-filename ${path} `)).map((row) => Number.parseInt(row, 10));
}
