import type { Digest } from '@overture/core';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkpointFolder, clearOldCheckpoints } from './checkpoint-folders.ts';

it('removes the checkpoints that nobody has continued for a month, and no others', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'overture-checkpoints-'));
  expect(await clearOldCheckpoints(stateDir)).toEqual([]);
  const days = (count: number): Date => new Date(Date.UTC(2030, 0, 1) - count * 86_400_000);
  const ages = { a: [40, 31], b: [40, 29], c: [2, 1] } as const;
  for (const [key, [folderAge, fileAge]] of Object.entries(ages)) {
    const folder = checkpointFolder(stateDir, `sha256:${key}` as Digest);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'manifest.json'), '{}');
    await utimes(join(folder, 'manifest.json'), days(fileAge), days(fileAge));
    await utimes(folder, days(folderAge), days(folderAge));
  }
  expect(await clearOldCheckpoints(stateDir, days(0))).toEqual(['sha256-a']);
  expect(await readdir(join(stateDir, 'checkpoints'))).toEqual(['sha256-b', 'sha256-c']);
  await rm(stateDir, { recursive: true });
});
