import { digestOf } from '@overture/core';
import { encodeWeights, loadWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { describe, expect, it } from 'vitest';
import { fineTune } from '../fine-tune.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { asConfigured } from '../trainable-model.ts';
import type { FeatureCache } from './feature-cache.ts';

const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };

/** A cache in memory that counts the rows each training requested and found. */
function counting(): FeatureCache & { readonly asked: [wanted: number, found: number][] } {
  const origins = new Map<string, Map<string, Float32Array>>();
  const asked: [number, number][] = [];
  return {
    asked,
    read(origin, names) {
      const known = origins.get(origin) ?? new Map<string, Float32Array>();
      const found = names.filter((name) => known.has(name));
      asked.push([names.length, found.length]);
      return Promise.resolve(new Map(found.map((name) => [name, known.get(name)!])));
    },
    write: (origin, rows) =>
      Promise.resolve(void origins.set(origin, new Map([...(origins.get(origin) ?? []), ...rows]))),
  };
}

type Change = (split: number, example: number) => number;

async function tuned(
  config: Record<string, unknown>,
  kept?: FeatureCache,
  resplit: Change = (split) => split,
): Promise<string> {
  const job = tinyJob({ epochs: 1, ...config });
  const model = asConfigured(job.model, job.config);
  const weights = loadWeights(
    new Map([...job.weights].filter(([name]) => !name.startsWith('classifier'))),
    model,
    { where: 'tiny', seed: job.config.seed },
  );
  const tokens = { ...job.tokens, splits: job.tokens.splits.map(resplit) };
  const tuned = await fineTune({ ...base, ...job, model, weights, tokens, kept });
  return digestOf(encodeWeights(tuned.weights));
}

describe('what a head starts from', () => {
  it('is computed once for trainings that differ in seed, loss and class weights, and changes no bit of them', async () => {
    const store = counting();
    const jobs = [
      {},
      { seed: 1, classWeights: 'none' },
      { loss: 'focal', lora: { rank: 2, alpha: 4, targets: 'all-linear' } },
    ];
    for (const job of jobs) expect(await tuned(job, store)).toBe(await tuned(job));
    // the mean over all examples is one entry, because each mean's bits depend on the others
    expect(store.asked).toEqual([
      [1, 0],
      [1, 1],
      [1, 1],
    ]);
  });

  it('is computed anew for another pooling, and where the head needs none is not looked for', async () => {
    const store = counting();
    await tuned({}, store);
    await tuned({ pooling: 'cls' }, store);
    await tuned({ headStart: 'asGiven' }, store);
    expect(store.asked).toEqual([
      [1, 0],
      [40, 0],
    ]);
  });

  it.each(['cls', 'last'])(
    'is kept by example where the head reads one token, %s: a training on some others finds those that it knows',
    async (pooling) => {
      const store = counting();
      const others: Change = (split, i) => (i % 5 === 0 ? 1 - split : split);
      await tuned({ pooling }, store);
      expect(await tuned({ pooling }, store, others)).toBe(await tuned({ pooling }, undefined, others));
      // every fifth of the 40 was removed, every fifth of the 16 was added
      expect(store.asked).toEqual([
        [40, 0],
        [36, 32],
      ]);
    },
  );
});

describe('what frozen layers give', () => {
  it('is kept by example for trainings that differ in seed, loss, adapters and splits, and changes no bit of them', async () => {
    const store = counting();
    const jobs: [Record<string, unknown>, Change?][] = [
      [{}, (split, i) => (i < 10 ? 2 : split)],
      [{ seed: 1, classWeights: 'none', pooling: 'cls' }],
      [{ loss: 'focal', lora: { rank: 2, alpha: 4, targets: 'all-linear' } }, (split) => 1 - split],
    ];
    for (const [config, resplit] of jobs) {
      const frozen = { headStart: 'asGiven', freezeLayers: 1, ...config };
      expect(await tuned(frozen, store, resplit)).toBe(await tuned(frozen, undefined, resplit));
    }
    expect(store.asked).toEqual([
      [46, 0],
      [56, 46],
      [56, 56],
    ]);
  });
});
