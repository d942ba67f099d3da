import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writableCacheFolder } from './own-folders.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-folders-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('writableCacheFolder', () => {
  const of = (userHome: string, env: Record<string, string> = {}) =>
    writableCacheFolder({ env, platform: 'linux', userHome, home: '/state', cwd: '/work' });

  it('is in the home folder of the user, which need not exist yet', async () => {
    expect(await of(join(folder, 'new'))).toBe(join(folder, 'new', '.cache', 'overture'));
  });

  it('is in the home of Overture where the user has none that could be written to', async () => {
    await writeFile(join(folder, 'file'), '');
    expect(await of(join(folder, 'file'))).toBe('/state/cache');
  });

  it.skipIf(process.getuid?.() === 0)(
    'is in the home of Overture where the user may not write to the former',
    async () => {
      await mkdir(join(folder, 'closed'));
      await chmod(join(folder, 'closed'), 0o555);
      expect(await of(join(folder, 'closed'))).toBe('/state/cache');
    },
  );

  it('is what OVERTURE_CACHE says, relative to the folder of the caller', async () => {
    expect(await of(folder, { OVERTURE_CACHE: 'my cache' })).toBe('/work/my cache');
  });
});
