import { digestOf } from '@overture/core';
import { encodeWeights, loadWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { idsOf } from '@overture/tokenization';
import { describe, expect, it } from 'vitest';
import { fineTune } from '../fine-tune.ts';
import type { FineTuned } from '../fine-tune-options.ts';
import { parseFineTuneConfig } from '../fine-tune-config.ts';
import { FlatParameters } from '../flat-parameters.ts';
import { GradientStep } from '../gradient-step.ts';
import { estimateMemory } from '../memory-estimate.ts';
import { interruptedAt } from '../testing/interrupted-at.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { trainableModel } from '../trainable-model.ts';
import { scoringGraph, trainingGraph } from '../training-graph.ts';

const runtime = openRuntime({ threads: 1 });
const base = { runtime, now: () => 0 };
const digest = ({ weights }: FineTuned): string => digestOf(encodeWeights(weights));
const rates = { hidden: 0.2, attention: 0.2, adapter: 0 };

describe('fineTune with dropout', () => {
  it('learns, other weights than without, and others with another seed', async () => {
    const tuned = await fineTune({ ...base, ...tinyJob({ dropout: 0.1, epochs: 8 }) });
    expect(tuned.history.at(-1)!.trainLoss).toBeLessThan(tuned.history[0].trainLoss / 1.5);
    expect(digest(tuned)).not.toBe(digest(await fineTune({ ...base, ...tinyJob({ epochs: 8 }) })));
  });

  it.each([1, 5, 9, 14])('goes on after an interruption at step %i to the same bits', async (at) => {
    const job = tinyJob({ dropout: 0.2 });
    const whole = await fineTune({ ...base, ...job });
    const checkpoints = await interruptedAt(at, { ...base, ...job });
    const resumed = await fineTune({ ...base, ...job, checkpoints });
    expect([digest(resumed), resumed.history]).toEqual([digest(whole), whole.history]);
  });

  it('drops nothing in frozen layers, so that keeping what they give changes no bit', async () => {
    const job = tinyJob({ dropout: 0.2, freezeLayers: 1 });
    expect(digest(await fineTune({ ...base, ...job, activationBytes: 0 }))).toBe(
      digest(await fineTune({ ...base, ...job })),
    );
  });

  it('drops what adapters read, by a share of their own', async () => {
    const job = tinyJob({
      lora: { rank: 2, alpha: 4, targets: 'all-linear', dropout: 0.3 },
      learningRate: 0.02,
    });
    const model = trainableModel(job.model.network, job.config);
    const weights = loadWeights(
      new Map([...job.weights].filter(([name]) => name.startsWith('bert.'))),
      model,
      { where: 'tiny', seed: 0 },
    );
    const sites = trainingGraph(model, 2, { dropout: { hidden: 0, attention: 0, adapter: 0.3 } }).dropout;
    expect(sites).toHaveLength(2 * 4); // queries, keys and values share one input
    const tuned = await fineTune({ ...base, ...job, model, weights });
    const without = { ...job.config, lora: { ...job.config.lora!, dropout: 0 } };
    expect(digest(tuned)).not.toBe(
      digest(await fineTune({ ...base, ...job, config: without, model, weights })),
    );
  });
});

describe('the masks of a step', () => {
  const { model, tokens, weights } = tinyJob();
  const batch = {
    sequences: Array.from({ length: 6 }, (_, i) => idsOf(tokens, i)),
    labels: [0, 1, 0, 1, 1, 0],
  };

  const run = async (batchSize: number, step: number): Promise<{ loss: number; gradients: Float32Array }> => {
    const parameters = new FlatParameters(model);
    parameters.load(weights);
    const gradient = await GradientStep.open(runtime, {
      model,
      parameters,
      batchSize,
      pooling: 'mean',
      classWeights: [1, 1],
      dropout: { rates, seed: 4 },
    });
    const loss = await gradient.run({ ...batch, step });
    await gradient.close();
    return { loss, gradients: parameters.gradients.slice() };
  };

  it('are the same however the batch is cut, and others in another step', async () => {
    const [whole, cut, later] = [await run(6, 3), await run(2, 3), await run(6, 4)];
    expect(cut.loss).toBeCloseTo(whole.loss, 5);
    const size = Math.hypot(...whole.gradients);
    expect(Math.hypot(...cut.gradients.map((x, i) => x - whole.gradients[i])) / size).toBeLessThan(1e-5);
    expect(Math.abs(later.loss - whole.loss)).toBeGreaterThan(1e-4);
  });

  it('are no part of a graph that evaluates, nor of one that drops nothing', () => {
    expect(scoringGraph(model, 2).inputs.some(({ name }) => name.startsWith('dropout'))).toBe(false);
    expect(trainingGraph(model, 2).dropout).toEqual([]);
    expect(trainingGraph(model, 2, { dropout: rates }).dropout.map(({ of }) => of)).toEqual([
      'tokens',
      'scores',
      'tokens',
      'tokens',
      'scores',
      'tokens',
      'tokens',
      'sequences',
    ]);
  });

  it('count in the memory that training needs', () => {
    expect(estimateMemory(tinyJob({ dropout: 0.1 }), 8)).toBeGreaterThan(estimateMemory(tinyJob(), 8));
  });
});

it('takes shares under 1', () => {
  expect(() => parseFineTuneConfig({ dropout: 1 })).toThrow(
    'training.dropout must be below 1. Got 1 instead.',
  );
  expect(() =>
    parseFineTuneConfig({ lora: { rank: 2, alpha: 4, targets: 'all-linear', dropout: 1 } }),
  ).toThrow('training.lora.dropout must be below 1. Got 1 instead.');
});
