import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@overture/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { artifactStore } from './artifact-store.ts';
import { openFilesystemBlobs, openFilesystemStore } from './filesystem-store.ts';
import { blobStoreConformance } from './testing/index.ts';

blobStoreConformance('filesystem', async () => {
  const root = await mkdtemp(join(tmpdir(), 'overture-store-'));
  const blobs = await openFilesystemBlobs({ root });
  return {
    blobs,
    async alter(space, digest, content) {
      await rm(blobs.locate(space, digest), { force: true });
      if (content !== undefined) await writeFile(blobs.locate(space, digest), content);
    },
    close: () => rm(root, { recursive: true }),
  };
});

describe('openFilesystemStore', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'overture-store-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('verifies what lies there unchanged once, and notices the next change', async () => {
    const blobs = await openFilesystemBlobs({ root });
    let reads = 0;
    const store = artifactStore({ ...blobs, read: (...wanted) => (reads++, blobs.read(...wanted)) });
    const stored = await store.put('corpus', new TextEncoder().encode('hello'));
    await store.verify(stored);
    await store.verify(stored);
    expect(reads).toBe(1);
    await expect(store.verify({ ...stored, bytes: 6 })).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
    const path = blobs.locate('files', stored.digest);
    const { mtime } = await stat(path);
    await chmod(path, 0o644);
    await writeFile(path, 'hellO');
    await utimes(path, mtime, mtime);
    await expect(store.verify(stored)).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT' });
  });

  const hello = new TextEncoder().encode('hello');
  const ref = { kind: 'corpus', digest: digestOf('hello'), bytes: 5 };
  const path = (): string => join(root, 'files/sha256/2c', ref.digest.slice(7));

  it('spreads files over folders, read-only, and leaves no temporary file', async () => {
    const store = await openFilesystemStore({ root });
    await store.put('corpus', hello);
    expect((await stat(path())).mode & 0o777).toBe(0o444);
    expect(await readdir(join(root, 'incoming'))).toEqual([]);
  });

  it('finds what another opening stored', async () => {
    await (await openFilesystemStore({ root })).put('corpus', hello);
    expect(await (await openFilesystemStore({ root })).readBytes(ref)).toEqual(hello);
  });

  it('does not follow a link put in place of content', async () => {
    const store = await openFilesystemStore({ root });
    await mkdir(join(path(), '..'), { recursive: true });
    await symlink('/etc/hostname', path());
    expect(await store.has(ref)).toBe(false);
    await expect(store.readBytes(ref)).rejects.toThrow('Got a symbolic link instead');
  });

  it('clears left-overs of dead writers and of a day ago, and no others', async () => {
    await mkdir(join(root, 'incoming'));
    const id = '00000000-0000-4000-8000-000000000000';
    const deadPid = 2 ** 22 + 1; // above the largest process id of Linux and macOS
    const names = [
      `${hostname()}.${deadPid}.${id}`,
      `${hostname()}.${process.pid}.${id}`,
      `elsewhere.${deadPid}.${id}`,
      `old.1.${id}`,
    ];
    for (const name of names) await writeFile(join(root, 'incoming', name), 'part');
    const dayAndHourAgo = new Date((await stat(root)).mtimeMs - 25 * 60 * 60 * 1000);
    await utimes(join(root, 'incoming', `old.1.${id}`), dayAndHourAgo, dayAndHourAgo);
    await openFilesystemStore({ root });
    expect(await readdir(join(root, 'incoming'))).toEqual(
      [`elsewhere.${deadPid}.${id}`, `${hostname()}.${process.pid}.${id}`].sort(),
    );
  });

  it('says which folder it could not open and why', async () => {
    await writeFile(join(root, 'taken'), '');
    await expect(openFilesystemStore({ root: join(root, 'taken') })).rejects.toMatchObject({
      code: 'ARTIFACT_IO',
      retryable: false,
      message: expect.stringMatching(/^Could not open the artifact store in .+taken: E/),
    });
  });

  it.skipIf(process.getuid?.() === 0)('says who lacks the right to write (root lacks none)', async () => {
    await chmod(root, 0o500);
    await expect(openFilesystemStore({ root })).rejects.toThrow('Give this user the right to write there.');
  });
});
