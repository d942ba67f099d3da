import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';

/** What the lock file says of its holder. */
export interface LockHolder extends ProcessIdentity {
  /** Tells two locks of one process apart. */
  readonly token: string;
}

export type LockAttempt =
  | { readonly kind: 'acquired'; readonly holder: LockHolder; release(): Promise<void> }
  | { readonly kind: 'held'; readonly holder: LockHolder };

/**
 * Tries once to take the lock file for this process. A lock whose process has ended is cleared; one whose process runs
 * is respected, however old. The file appears complete or not at all, because it is linked into place.
 */
export async function tryLock(path: string): Promise<LockAttempt> {
  await mkdir(dirname(path), { recursive: true });
  const holder: LockHolder = { ...identityOf(process.pid), token: randomUUID() };
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  try {
    for (;;) {
      if (await linked(draft, path)) return { kind: 'acquired', holder, release: () => release(path, holder) };
      const present = await readHolder(path);
      if (present !== undefined && isRunning(present)) return { kind: 'held', holder: present };
      await clear(path, present?.token);
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** Who holds the lock now, if its process still runs. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const holder = await readHolder(path);
  return holder !== undefined && isRunning(holder) ? holder : undefined;
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

/**
 * Removes a stale lock by moving it aside first: of two processes that judge the same lock stale only one moves it, and
 * one that moved a successor's fresh lock by mistake sees the other token and puts it back.
 */
async function clear(path: string, staleToken: string | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.token !== staleToken) await linked(aside, path);
  await rm(aside, { force: true });
}

async function release(path: string, holder: LockHolder): Promise<void> {
  const present = await readHolder(path);
  if (present?.token === holder.token) await rm(path, { force: true });
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  try {
    const data: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof data !== 'object' || data === null) return undefined;
    const { pid, startTime, token } = data as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof startTime !== 'string' || typeof token !== 'string') return undefined;
    return { pid, startTime, token };
  } catch {
    return undefined;
  }
}
