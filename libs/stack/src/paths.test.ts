import { describe, expect, it } from 'vitest';
import { cacheFolder } from './paths.ts';

describe('cacheFolder', () => {
  it.each([
    [{ OVERTURE_CACHE: '/big/disk', XDG_CACHE_HOME: '/xdg' }, 'linux', '/big/disk'],
    [{ XDG_CACHE_HOME: '/xdg' }, 'linux', '/xdg/overture'],
    [{}, 'linux', '/home/ann/.cache/overture'],
    [{}, 'darwin', '/home/ann/Library/Caches/overture'],
  ] as const)('under %o on %s is %s', (env, platform, folder) => {
    expect(cacheFolder({ env, platform, userHome: '/home/ann' })).toBe(folder);
  });
});
