import { digestOf } from '@overture/core';
import { encodeWeights, loadWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fineTune } from '../fine-tune.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { asConfigured } from '../trainable-model.ts';
import { headInputFiles, type HeadInputStore } from './head-input-files.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'overture-head-inputs-'))));
afterEach(() => rm(folder, { recursive: true }));

const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };
const key = (name: string) => digestOf(name);

/** A store in memory that counts. */
function counting(): HeadInputStore & { readonly found: number[]; readonly kept: Map<string, Float32Array> } {
  const [found, kept]: [number[], Map<string, Float32Array>] = [[], new Map()];
  return {
    found, kept,
    read(wanted) {
      const known = kept.get(wanted);
      found.push(known === undefined ? 0 : 1);
      return Promise.resolve(known);
    },
    write: (given, values) => Promise.resolve(void kept.set(given, values)),
  };
}

async function tuned(config: Record<string, unknown>, keptHeadInputs?: HeadInputStore): Promise<string> {
  const job = tinyJob({ epochs: 1, ...config });
  const model = asConfigured(job.model, job.config);
  const weights = loadWeights(new Map([...job.weights].filter(([name]) => !name.startsWith('classifier'))), model, { where: 'tiny', seed: job.config.seed });
  const tuned = await fineTune({ ...base, ...job, model, weights, keptHeadInputs });
  return digestOf(encodeWeights(tuned.weights));
}

describe('what a head starts from', () => {
  it('is computed once for trainings that differ in seed, loss and class weights, and changes no bit of them', async () => {
    const store = counting();
    const jobs = [{}, { seed: 1, classWeights: 'none' }, { loss: 'focal', lora: { rank: 2, alpha: 4, targets: 'all-linear' } }];
    for (const job of jobs) expect(await tuned(job, store)).toBe(await tuned(job));
    expect([store.found, store.kept.size]).toEqual([[0, 1, 1], 1]);
  });

  it('is computed anew for another pooling, and where the head needs none is not looked for', async () => {
    const store = counting();
    await tuned({}, store);
    await tuned({ pooling: 'cls' }, store);
    await tuned({ headStart: 'asGiven' }, store);
    expect([store.found, store.kept.size]).toEqual([[0, 0], 2]);
  });
});

describe('headInputFiles', () => {
  it('gives back what was written, to anybody who shares the folder', async () => {
    const values = Float32Array.of(1.5, -2, 1e-30);
    await headInputFiles(join(folder, 'new')).write(key('a'), values);
    expect(await headInputFiles(join(folder, 'new')).read(key('a'))).toEqual(values);
    expect(await headInputFiles(join(folder, 'new')).read(key('b'))).toBeUndefined();
  });

  it.each([['cut short', (bytes: Buffer) => bytes.subarray(0, 36)], ['altered', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 40), Buffer.of(7), bytes.subarray(41)])], ['empty', () => Buffer.alloc(0)]])('takes a file that was %s for none', async (_, harm) => {
    const store = headInputFiles(folder);
    await store.write(key('a'), Float32Array.of(1, 2, 3));
    const [name] = await readdir(folder);
    await writeFile(join(folder, name), harm(await readFile(join(folder, name))));
    expect(await store.read(key('a'))).toBeUndefined();
  });

  it('keeps those that were used last, and minds no folder that cannot be written', async () => {
    const store = headInputFiles(folder, { most: 2 });
    const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20)); // times of files are the order of use
    for (const name of ['a', 'b']) {
      await store.write(key(name), Float32Array.of(1));
      await wait();
    }
    await store.read(key('a'));
    await wait();
    await store.write(key('c'), Float32Array.of(1));
    const known = await Promise.all(['a', 'b', 'c'].map((name) => store.read(key(name))));
    expect(known.map((values) => values !== undefined)).toEqual([true, false, true]);
    await writeFile(join(folder, 'file'), '');
    await headInputFiles(join(folder, 'file')).write(key('a'), Float32Array.of(1));
    expect(await headInputFiles(join(folder, 'file')).read(key('a'))).toBeUndefined();
  });
});
