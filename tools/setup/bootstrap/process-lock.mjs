import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while holding a lock file; waits while another living process holds it. The same rules as the
 * stack's lock (libs/stack/src/stack-lock.ts), which cannot be imported before packages are installed.
 * @template T
 * @param {string} path
 * @param {(holder: number) => void} onWait called once if there is something to wait for
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  const token = randomUUID();
  const draft = `${path}.${token}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, start: startOf(process.pid), token }));
  try {
    for (let waited = 0; !tryLink(draft, path); waited++) {
      const holder = read(path);
      if (holder === undefined || startOf(holder.pid) !== holder.start) {
        clear(path, holder?.token);
        continue;
      }
      if (waited === 0) onWait(holder.pid);
      await sleep(200);
    }
    try {
      return await work();
    } finally {
      if (read(path)?.token === token) rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(draft, path) {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Moved aside first, so that of two processes that find it stale only one removes it, and never a
 * successor's.
 */
function clear(path, staleToken) {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = read(aside);
  if (moved !== undefined && moved.token !== staleToken) tryLink(aside, path);
  rmSync(aside, { force: true });
}

/** When a process began, as text; undefined when it has ended. */
function startOf(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
