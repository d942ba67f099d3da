import { readFileSync } from 'node:fs';
import { access, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';

/** The content of the lock file: the process that holds the lock. */
export interface LockHolder extends ProcessIdentity {
  /** Distinguishes two locks of one process. */
  readonly token: string;
}

/** The outcome of `tryLock`. */
export type LockAttempt =
  | { readonly kind: 'acquired'; readonly holder: LockHolder; release(): Promise<void> }
  | { readonly kind: 'held'; readonly holder: LockHolder };

/**
 * Tries once to acquire the lock file for this process. A lock whose process has ended is removed. A lock
 * whose process runs is respected, however old it is. The file is created atomically, by a hard link.
 */
export async function tryLock(path: string): Promise<LockAttempt> {
  await mkdir(dirname(path), { recursive: true });
  const holder: LockHolder = { ...identityOf(process.pid), token: randomUUID() };
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(draft, path))
        return { kind: 'acquired', holder, release: () => release(path, holder) };
      const present = await readHolder(path);
      if (present !== undefined && isRunning(present)) return { kind: 'held', holder: present };
      await clearStale(path);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** The holder of the lock, if its process still runs. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(path);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
}

/**
 * Whether the lock file contains this token. It may do so after its process has ended, until another process
 * acquires the lock.
 */
export function holdsLock(path: string, token: string): boolean {
  try {
    return parseHolder(readFileSync(path, 'utf8'))?.token === token;
  } catch {
    return false;
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

const turnMs = 5;

/**
 * Removes a stale lock. A second lock guards the check and the removal, so that no process removes the fresh
 * lock of a faster one.
 */
async function clearStale(path: string): Promise<void> {
  const turn = await tryLock(`${path}.clearing`);
  if (turn.kind === 'held') return sleep(turnMs);
  try {
    // The stale lock is already gone: any later lock is fresh.
    if (!(await exists(path))) return;
    const present = await readHolder(path);
    if (present === undefined || !isRunning(present)) await rm(path, { force: true });
  } finally {
    await turn.release();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function release(path: string, holder: LockHolder): Promise<void> {
  const present = await readHolder(path);
  if (present?.token === holder.token) await rm(path, { force: true });
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  return parseHolder(await readFile(path, 'utf8').catch(() => ''));
}

function parseHolder(content: string): LockHolder | undefined {
  try {
    const data: unknown = JSON.parse(content);
    if (typeof data !== 'object' || data === null) return undefined;
    const { pid, startTime, token } = data as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof token !== 'string')
      return undefined;
    return { pid, startTime, token };
  } catch {
    return undefined;
  }
}
