import { readFile } from 'node:fs/promises';
import { counterRandom, digestOf } from '@overture/core';
import { encodeWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { describe, expect, it } from 'vitest';
import { fineTune } from '../fine-tune.ts';
import type { FineTuned } from '../fine-tune-options.ts';
import { jobDigest } from '../job-digest.ts';
import { FlatParameters } from '../flat-parameters.ts';
import { interruptedAt } from '../testing/interrupted-at.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { openWeightAverage } from './weight-average.ts';

// Numbers from PyTorch: tools/reference/pytorch/weight_average.py
const reference = JSON.parse(
  await readFile(new URL('../reference/weight-average.json', import.meta.url), 'utf8'),
) as {
  readonly decay: number;
  readonly values: readonly (readonly number[])[];
  readonly averages: readonly (readonly number[])[];
};

const block = (width: number): ConstructorParameters<typeof FlatParameters>[0] => ({
  parameters: [
    {
      name: 'w',
      shape: [width],
      parts: [{ name: 'w', shape: [width] }],
      decay: false,
      table: false,
      head: false,
      depth: 0,
    },
  ],
  frozen: [],
});

describe('openWeightAverage', () => {
  it('follows the weights as PyTorch’s swa_utils does', () => {
    const parameters = new FlatParameters(block(8), 0, { average: true });
    const average = openWeightAverage(parameters, reference.decay);
    reference.values.forEach((values, i) => {
      parameters.values.set(values);
      average.update(i + 1);
      parameters
        .average!.subarray(0, 8)
        .forEach((x, k) => expect(x).toBeCloseTo(reference.averages[i][k], 6));
    });
  });

  it('is its own arithmetic spelled out, bit for bit', () => {
    const parameters = new FlatParameters(block(40), 0, { average: true });
    const average = openWeightAverage(parameters, 0.97);
    const [f, share] = [Math.fround, Math.fround(1 - 0.97)];
    const expected = new Float32Array(parameters.length);
    for (let step = 1; step <= 5; step++) {
      const random = counterRandom(step, 'values');
      parameters.values.set(Float32Array.from({ length: 40 }, (_, i) => random.normal(i)));
      average.update(step);
      parameters.values.forEach(
        (x, i) => (expected[i] = step === 1 ? x : f(expected[i] + f(f(x - expected[i]) * share))),
      );
      expect(parameters.average).toEqual(expected);
    }
  });

  it('wants parameters that keep one', () => {
    expect(() => openWeightAverage(new FlatParameters(block(4)), 0.9)).toThrow(
      'The parameters must keep an average.',
    );
  });
});

describe('fineTune with an average', () => {
  const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };
  const digest = ({ weights }: FineTuned): string => digestOf(encodeWeights(weights));
  const job = tinyJob({ ema: 0.8, epochs: 4 });

  it('validates and gives the averaged weights, and trains as it would without', async () => {
    const [plain, averaged] = [
      await fineTune({ ...base, ...tinyJob({ epochs: 4 }) }),
      await fineTune({ ...base, ...job }),
    ];
    expect(averaged.history.map(({ trainLoss }) => trainLoss)).toEqual(
      plain.history.map(({ trainLoss }) => trainLoss),
    );
    expect(averaged.history.map(({ validLoss }) => validLoss)).not.toEqual(
      plain.history.map(({ validLoss }) => validLoss),
    );
    expect(digest(averaged)).not.toBe(digest(plain));
    // one more epoch with almost no learning rate: its validation loss is that of the unchanged weights
    const still = await fineTune({
      ...base,
      ...job,
      weights: averaged.weights,
      config: { ...job.config, ema: 0, headStart: 'asGiven', epochs: 1, learningRate: 1e-30, weightDecay: 0 },
    });
    expect(still.history[0].validLoss).toBeCloseTo(averaged.history[averaged.bestEpoch - 1].validLoss!, 6);
  });

  it.each([1, 7, 10, 20])('goes on after an interruption at step %i to the same bits', async (at) => {
    const whole = await fineTune({ ...base, ...job });
    const checkpoints = await interruptedAt(at, { ...base, ...job });
    const resumed = await fineTune({ ...base, ...job, checkpoints });
    expect([digest(resumed), resumed.history]).toEqual([digest(whole), whole.history]);
  });

  it('counts in the digest of a job only where there is one', () => {
    const plain = tinyJob();
    expect(jobDigest({ ...plain, config: { ...plain.config, ema: 0.9 } })).not.toBe(jobDigest(plain));
    const { ema: _, ...before } = plain.config;
    expect(jobDigest({ ...plain, config: before as typeof plain.config })).toBe(jobDigest(plain));
  });
});
