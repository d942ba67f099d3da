import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from './checkpoint-store.ts';
import { fileCheckpoints } from './file-checkpoints.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-checkpoints-'));
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint = (step: number): Checkpoint => ({
  state: { step },
  buffers: new Map([
    ['parameters', Float32Array.of(step, 2, 3)],
    ['best', Float32Array.of(7)],
  ]),
});

describe('fileCheckpoints', () => {
  it('has none at first, then the newest, and keeps two', async () => {
    const store = await fileCheckpoints(folder);
    expect(await store.latest()).toBeUndefined();
    for (let step = 1; step <= 12; step++) await store.save(checkpoint(step));
    expect(await store.latest()).toEqual(checkpoint(12));
    const files = await readdir(folder);
    expect(files.filter((file) => file.startsWith('manifest')).sort()).toEqual([
      'manifest-1-11.json',
      'manifest-1-12.json',
    ]);
    expect(files.filter((file) => file.startsWith('buffer'))).toHaveLength(3); // two parameters, one best
  });

  it('goes on in a new attempt, whose checkpoints count before those of the old', async () => {
    const first = await fileCheckpoints(folder);
    for (let step = 1; step <= 3; step++) await first.save(checkpoint(step));
    const second = await fileCheckpoints(folder);
    expect(await second.latest()).toEqual(checkpoint(3));
    await second.save(checkpoint(2));
    expect(await second.latest()).toEqual(checkpoint(2));
  });

  it('stops an attempt that a later one has superseded', async () => {
    const stalled = await fileCheckpoints(folder);
    await stalled.save(checkpoint(1));
    const later = await fileCheckpoints(folder);
    await later.save(checkpoint(5));
    await expect(stalled.save(checkpoint(2))).rejects.toThrow(
      `Attempt 1 must be the last to work in ${folder}. Attempt 2 has taken over; this one stops.`,
    );
    expect(await later.latest()).toEqual(checkpoint(5));
  });

  it('falls back to the checkpoint before when the newest is damaged', async () => {
    const store = await fileCheckpoints(folder);
    await store.save(checkpoint(1));
    await store.save({ state: { step: 2 }, buffers: new Map([['parameters', Float32Array.of(9, 9)]]) });
    const newest = (await readdir(folder)).filter((file) => file.startsWith('buffer-1-'));
    for (const file of newest) await damageIfOfLength(join(folder, file), 8);
    expect(await store.latest()).toEqual(checkpoint(1));
  });

  it('ignores a manifest that was cut off, and what no manifest names', async () => {
    const store = await fileCheckpoints(folder);
    await store.save(checkpoint(1));
    await writeFile(join(folder, 'manifest-1-99.json'), '{"format":1,');
    await writeFile(join(folder, 'temporary-1-buffer'), 'half');
    expect(await store.latest()).toEqual(checkpoint(1));
  });

  it.skipIf(!existsSync('/dev/full'))(
    'survives a full disk: says so, keeps the checkpoint before, and goes on when there is space',
    async () => {
      const store = await fileCheckpoints(folder);
      await store.save(checkpoint(1));
      // writes to this file fail with ENOSPC
      await symlink('/dev/full', join(folder, 'temporary-1-manifest-1-2.json'));
      await expect(store.save(checkpoint(2))).rejects.toMatchObject({
        code: 'CHECKPOINT_NOT_WRITTEN',
        retryable: true,
      });
      expect(await store.latest()).toEqual(checkpoint(1));
      expect((await readdir(folder)).filter((file) => file.startsWith('temporary'))).toEqual([]);
      await symlink('/dev/full', join(folder, 'temporary-1-manifest-1-3.json'));
      await expect(store.save(checkpoint(2))).rejects.toThrow(
        /A checkpoint must be written to .*ENOSPC.* The checkpoint before it is kept; free space or fix the folder, then go on./,
      );
      await store.save(checkpoint(2));
      expect(await store.latest()).toEqual(checkpoint(2));
    },
  );

  it('says what to do when it cannot write', async () => {
    const store = await fileCheckpoints(folder);
    await rm(folder, { recursive: true });
    await writeFile(folder, 'now a file');
    await expect(store.save(checkpoint(1))).rejects.toThrow(
      `A checkpoint must be written to ${folder}. ENOTDIR`,
    );
  });
});

async function damageIfOfLength(path: string, length: number): Promise<void> {
  if ((await stat(path)).size === length) await truncate(path, length - 1);
}
