import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertUsableFolder } from './usable-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('assertUsableFolder', () => {
  it('accepts a folder that exists and one that could be created, and creates nothing', async () => {
    assertUsableFolder(folder, 'OVERTURE_HOME');
    assertUsableFolder(join(folder, 'a', 'b'), 'OVERTURE_HOME');
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a file, and a folder below a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    expect(() => assertUsableFolder(file, 'OVERTURE_HOME')).toThrow(
      `OVERTURE_HOME must be a folder that Overture can write to. ${file} is not: it is a file. Set OVERTURE_HOME to another folder.`,
    );
    expect(() => assertUsableFolder(join(file, 'x'), 'OVERTURE_CACHE')).toThrow(
      `${join(file, 'x')} is not: ${file} is a file. Set OVERTURE_CACHE`,
    );
  });

  it.runIf(process.platform === 'linux')('refuses a folder below /proc, at once', () => {
    expect(() => assertUsableFolder('/proc/nope', 'OVERTURE_HOME')).toThrow(
      '/proc/nope is not: the file system does not allow new folders there (ENOENT).',
    );
    expect(() => assertUsableFolder('/proc/nope/deep/er', 'OVERTURE_HOME')).toThrow(
      'the file system does not allow new folders there (ENOENT).',
    );
  });

  it.runIf(process.getuid?.() !== 0)('refuses a folder without write permission', async () => {
    await chmod(folder, 0o555);
    expect(() => assertUsableFolder(join(folder, 'x'), 'OVERTURE_HOME')).toThrow(
      'this user may not write there (EACCES)',
    );
  });
});
