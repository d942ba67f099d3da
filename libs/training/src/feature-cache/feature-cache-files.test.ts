import { digestOf } from '@overture/core';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { featureCacheFiles } from './feature-cache-files.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'overture-kept-'))));
afterEach(() => rm(folder, { recursive: true }));

const origin = (name: string) => digestOf(name);
const [one, two] = [
  new Map([
    ['a', Float32Array.of(1.5, -2, 1e-30)],
    ['b', Float32Array.of(4)],
  ]),
  new Map([['c', Float32Array.of(5, 6)]]),
];

describe('featureCacheFiles', () => {
  it('gives back what was written, in one go or in several, to anybody who shares the folder', async () => {
    const shared = join(folder, 'new');
    for (const rows of [one, two]) await featureCacheFiles(shared).write(origin('x'), rows);
    expect(await featureCacheFiles(shared).read(origin('x'), ['c', 'a', 'nobody'])).toEqual(
      new Map([
        ['a', one.get('a')],
        ['c', two.get('c')],
      ]),
    );
    expect(await featureCacheFiles(shared).read(origin('y'), ['a'])).toEqual(new Map());
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 36)],
    ['altered', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -3), Buffer.of(7), bytes.subarray(-2)])],
    ['empty', () => Buffer.alloc(0)],
  ])('takes a file that was %s for none', async (_, harm) => {
    const store = featureCacheFiles(folder);
    await store.write(origin('x'), one);
    const [of] = await readdir(folder);
    const [name] = await readdir(join(folder, of));
    await writeFile(join(folder, of, name), harm(await readFile(join(folder, of, name))));
    await store.write(origin('x'), two);
    expect(await store.read(origin('x'), ['a', 'c'])).toEqual(two);
  });

  it('keeps the origins that were used last, and minds no folder that cannot be written', async () => {
    const store = featureCacheFiles(folder, { mostBytes: 500 }); // a file has about 170
    // the order of use is read from the folders' modification times
    const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    for (const name of ['x', 'y']) {
      await store.write(origin(name), one);
      await wait();
    }
    await store.read(origin('x'), ['a']);
    await wait();
    await store.write(origin('z'), one);
    const known = await Promise.all(['x', 'y', 'z'].map((name) => store.read(origin(name), ['a'])));
    expect(known.map(({ size }) => size)).toEqual([1, 0, 1]);
    await writeFile(join(folder, 'file'), '');
    await featureCacheFiles(join(folder, 'file')).write(origin('x'), one);
    expect(await featureCacheFiles(join(folder, 'file')).read(origin('x'), ['a'])).toEqual(new Map());
  });
});
