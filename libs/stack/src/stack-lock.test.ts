import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf } from './process-identity.ts';
import { lockHolder, tryLock } from './stack-lock.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-lock-'));
  path = join(folder, 'stack.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('stack lock', () => {
  it('is taken once, respected while its process runs, and free after release', async () => {
    const first = await tryLock(path);
    expect(first.kind).toBe('acquired');
    const second = await tryLock(path);
    expect(second).toMatchObject({ kind: 'held', holder: { pid: process.pid } });
    expect(await lockHolder(path)).toMatchObject(identityOf(process.pid));
    if (first.kind === 'acquired') await first.release();
    expect(await lockHolder(path)).toBeUndefined();
    expect((await tryLock(path)).kind).toBe('acquired');
  });

  it('clears the lock of a process that ended, also when its pid belongs to somebody else now', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, startTime: 'long ago', token: 'stale' }));
    const attempt = await tryLock(path);
    expect(attempt.kind).toBe('acquired');
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject(identityOf(process.pid));
  });

  it('clears a lock file that nobody can read', async () => {
    await writeFile(path, 'torn');
    expect((await tryLock(path)).kind).toBe('acquired');
  });

  it.each(Array.from({ length: 20 }, (_, round) => round))(
    'has one winner among many that find the same stale lock, and leaves no drafts (round %i)',
    async () => {
      await writeFile(path, JSON.stringify({ pid: 2 ** 22 + 1, startTime: 'gone', token: 'stale' }));
      const attempts = await Promise.all(Array.from({ length: 16 }, () => tryLock(path)));
      expect(attempts.filter(({ kind }) => kind === 'acquired')).toHaveLength(1);
      expect(await readdir(folder)).toEqual(['stack.lock']);
    },
  );

  it('does not remove a lock that meanwhile belongs to another', async () => {
    const attempt = await tryLock(path);
    const other = { ...identityOf(process.pid), token: 'other' };
    await writeFile(path, JSON.stringify(other));
    if (attempt.kind === 'acquired') await attempt.release();
    expect(await lockHolder(path)).toEqual(other);
  });
});
