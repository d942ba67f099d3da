import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { clearLeftOverWork, workFolder } from './work-folder.ts';

it('removes the folders of processes that are gone, and no others', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'overture-work-'));
  try {
    expect(await clearLeftOverWork(stateDir)).toEqual([]);
    await using own = workFolder(stateDir, 'ingest');
    const mine = basename(own.path);
    const gone = `${hostname()}~${spawnSync(process.execPath, ['-e', '']).pid}~fineTune-abc`;
    const elsewhere = `not-${hostname()}~1~fineTune-abc`;
    for (const name of [gone, elsewhere, 'somebodys-own'])
      await mkdir(join(stateDir, 'work', name, 'deep'), { recursive: true });
    expect(await clearLeftOverWork(stateDir)).toEqual([gone]);
    expect((await readdir(join(stateDir, 'work'))).sort()).toEqual([mine, elsewhere, 'somebodys-own'].sort());
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
});

it('makes a folder only for who asks for it, and takes it away afterwards', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'overture-work-'));
  try {
    await workFolder(stateDir, 'noOp')[Symbol.asyncDispose]();
    expect(await readdir(stateDir)).toEqual([]);
    const folder = workFolder(stateDir, 'ingest');
    await mkdir(join(folder.path, 'deep'));
    expect(await readdir(folder.path)).toEqual(['deep']);
    await folder[Symbol.asyncDispose]();
    expect(await readdir(join(stateDir, 'work'))).toEqual([]);
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
});
