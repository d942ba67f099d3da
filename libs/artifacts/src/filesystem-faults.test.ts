import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { AppError, digestOf } from '@overture/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFilesystemStore } from './filesystem-store.ts';
import { failingFileSystem } from './testing/index.ts';

// Like SQLite's tests (sqlite.org/testing.html, section 3): the n-th operation fails, for n = 1, 2, … until
// none fails.
describe.each([
  { fault: 'a full disk', code: 'ENOSPC', sticky: false },
  { fault: 'a failing disk', code: 'EIO', sticky: false },
  { fault: 'death at that point', code: 'EIO', sticky: true },
])('with $fault at every operation', ({ code, sticky }) => {
  let scratch: string;
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'overture-faults-'));
  });
  afterEach(() => rm(scratch, { recursive: true }));

  it('put shows whole content or none, and a later put succeeds', async () => {
    await untilNoneFails(async (n) => {
      const root = join(scratch, `put-${n}`);
      const { fileSystem, operations } = failingFileSystem(n, { code, sticky });
      const outcome = await attempt(async () =>
        (await openFilesystemStore({ root, fileSystem })).put('corpus', bytes('some content')),
      );
      await expectWholeFiles(root);
      const couldTidyUp = !sticky && !outcome?.message.includes('injected, rm');
      if (couldTidyUp) expect(await readdir(join(root, 'incoming')).catch(() => [])).toEqual([]);
      const store = await openFilesystemStore({ root });
      await store.verify(await store.put('corpus', bytes('some content')));
      return { outcome, operations: operations() };
    });
  });

  it('putTree shows its manifest only with all its files', async () => {
    const folder = join(scratch, 'folder');
    await mkdir(join(folder, 'deep'), { recursive: true });
    await writeFile(join(folder, 'a'), 'first');
    await writeFile(join(folder, 'deep/b'), 'second');
    const ref = await (
      await openFilesystemStore({ root: join(scratch, 'reference') })
    ).putTree('bundle', folder);
    await untilNoneFails(async (n) => {
      const root = join(scratch, `tree-${n}`);
      const { fileSystem, operations } = failingFileSystem(n, { code, sticky });
      const outcome = await attempt(async () =>
        (await openFilesystemStore({ root, fileSystem })).putTree('bundle', folder),
      );
      await expectWholeFiles(root);
      const store = await openFilesystemStore({ root });
      if (await store.has(ref)) await store.verify(ref);
      else expect(outcome).toBeInstanceOf(AppError);
      expect(await store.putTree('bundle', folder)).toEqual(ref);
      await store.verify(ref);
      return { outcome, operations: operations() };
    });
  });

  it('materialize shows the whole folder or none', async () => {
    const folder = join(scratch, 'folder');
    await mkdir(folder);
    await writeFile(join(folder, 'a'), 'first');
    await writeFile(join(folder, 'b'), 'second');
    const root = join(scratch, 'store');
    const ref = await (await openFilesystemStore({ root })).putTree('bundle', folder);
    await untilNoneFails(async (n) => {
      const target = join(scratch, `out-${n}`);
      const { fileSystem, operations } = failingFileSystem(n, { code, sticky });
      const outcome = await attempt(async () =>
        (await openFilesystemStore({ root, fileSystem })).materialize(ref, target),
      );
      const names = await readdir(target).catch(() => undefined);
      expect(names).toEqual(outcome === undefined ? ['a', 'b'] : undefined);
      return { outcome, operations: operations() };
    });
  });
});

const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Runs with n = 1, 2, … until there is no n-th operation. In every earlier run the fault must occur. */
async function untilNoneFails(
  run: (n: number) => Promise<{ outcome: AppError | undefined; operations: number }>,
): Promise<void> {
  let failures = 0;
  for (let n = 1; ; n++) {
    const { outcome, operations } = await run(n);
    if (operations < n) {
      expect(outcome).toBeUndefined();
      break;
    }
    if (outcome === undefined) continue; // a fault during cleanup does not fail the operation
    failures += 1;
    expect(outcome.message).toMatch(/^Could not .+: (ENOSPC|EIO): injected, /);
  }
  expect(failures).toBeGreaterThan(8);
}

async function attempt(run: () => Promise<unknown>): Promise<AppError | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return error as AppError;
  }
}

/** Checks that all stored content matches its digest. */
async function expectWholeFiles(root: string): Promise<void> {
  for (const space of ['files', 'trees']) {
    const entries = await readdir(join(root, space), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    for (const entry of entries.filter((candidate) => candidate.isFile())) {
      const path = join(entry.parentPath, entry.name);
      expect(digestOf(await readFile(path))).toBe(`sha256:${basename(path)}`);
    }
  }
}
