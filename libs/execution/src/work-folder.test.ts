import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { clearLeftOverWork, makeWorkFolder } from './work-folder.ts';

it('removes the folders of processes that are gone, and no others', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'overture-work-'));
  try {
    expect(await clearLeftOverWork(stateDir)).toEqual([]);
    const mine = basename(await makeWorkFolder(stateDir, 'ingest'));
    const gone = `${hostname()}~${spawnSync(process.execPath, ['-e', '']).pid}~fineTune-abc`;
    const elsewhere = `not-${hostname()}~1~fineTune-abc`;
    for (const name of [gone, elsewhere, 'somebodys-own']) await mkdir(join(stateDir, 'work', name, 'deep'), { recursive: true });
    expect(await clearLeftOverWork(stateDir)).toEqual([gone]);
    expect((await readdir(join(stateDir, 'work'))).sort()).toEqual([mine, elsewhere, 'somebodys-own'].sort());
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
});
