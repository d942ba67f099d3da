import { digestOf } from '@overture/core';
import { encodeClassifierWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { float32 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { fineTune } from './fine-tune.ts';
import type { FineTuned } from './fine-tune-options.ts';
import { estimateMemory } from './memory-estimate.ts';
import { interruptedAt } from './testing/interrupted-at.ts';
import { memoryCheckpoints } from './testing/memory-checkpoints.ts';
import { tinyJob } from './testing/tiny-job.ts';
import type { TrainingProgress } from './training-progress.ts';

const runtime = openRuntime({ threads: 1 });
const digest = ({ weights }: FineTuned): string => digestOf(encodeClassifierWeights(weights));
const base = { runtime, now: () => 0 };

const undisturbed = await fineTune({ ...base, ...tinyJob() });

/** A job with a learning rate that no input allows. */
function divergingJob(
  learningRate: number,
  settings: Parameters<typeof tinyJob>[0],
): ReturnType<typeof tinyJob> {
  const job = tinyJob(settings);
  return { ...job, config: { ...job.config, learningRate } };
}

describe('fineTune', () => {
  it('learns, and reports every step and epoch', async () => {
    const progress: TrainingProgress[] = [];
    const result = await fineTune({
      ...base,
      ...tinyJob({ epochs: 8 }),
      onProgress: (event) => progress.push(event),
    });
    const steps = progress.filter((event) => event.kind === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(steps.at(-1)).toMatchObject({ totalSteps: 40, epoch: 8 });
    expect(result.history).toHaveLength(8);
    expect(result.history[7].trainLoss).toBeLessThan(result.history[0].trainLoss / 2);
    expect(result.history[result.bestEpoch - 1].macroF1).toBeGreaterThan(0.9);
    expect(result.threshold).toBeGreaterThan(0);
  });

  it('gives the same bits for the same seed, others for another', async () => {
    expect(digest(await fineTune({ ...base, ...tinyJob() }))).toBe(digest(undisturbed));
    expect(digest(await fineTune({ ...base, ...tinyJob({ seed: 1 }) }))).not.toBe(digest(undisturbed));
  });

  it('gives the same bits with two threads', async () => {
    expect(digest(await fineTune({ ...tinyJob(), runtime: openRuntime({ threads: 2 }), now: () => 0 }))).toBe(
      digest(undisturbed),
    );
  });

  it.each([1, 4, 5, 6, 10, 14, 15])(
    'goes on after an interruption at step %i to the same bits and the same history',
    async (at) => {
      const checkpoints = memoryCheckpoints();
      const controller = new AbortController();
      const interrupted = fineTune({
        ...base,
        ...tinyJob(),
        checkpoints,
        signal: controller.signal,
        onProgress: (event) => {
          if (event.kind === 'step' && event.step === at) controller.abort(new Error('interrupted'));
        },
      });
      await expect(interrupted).rejects.toThrow('interrupted');
      const seen: TrainingProgress[] = [];
      const resumed = await fineTune({
        ...base,
        ...tinyJob(),
        checkpoints,
        onProgress: (event) => seen.push(event),
      });
      expect(seen[0]).toMatchObject({ kind: 'resumed' });
      expect(digest(resumed)).toBe(digest(undisturbed));
      expect(resumed.history).toEqual(undisturbed.history);
      expect([resumed.threshold, resumed.temperature]).toEqual([
        undisturbed.threshold,
        undisturbed.temperature,
      ]);
    },
  );

  it('leaves a checkpoint of the last finished step when it is stopped, whenever the next one was due', async () => {
    const job = tinyJob({ checkpointEverySteps: 1000 });
    const checkpoints = memoryCheckpoints();
    const controller = new AbortController();
    const stopped = fineTune({
      ...base,
      ...job,
      checkpoints,
      signal: controller.signal,
      onProgress: (event) => {
        if (event.kind === 'step' && event.step === 4) controller.abort(new Error('stopped'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    const seen: TrainingProgress[] = [];
    const resumed = await fineTune({ ...base, ...job, checkpoints, onProgress: (event) => seen.push(event) });
    expect(seen[0]).toMatchObject({ kind: 'resumed', step: 4 });
    expect(digest(resumed)).toBe(digest(undisturbed));

    const refusing = {
      latest: async () => undefined,
      save: () => Promise.reject(new Error('Another attempt has taken over.')),
    };
    const gone = new AbortController();
    const superseded = fineTune({
      ...base,
      ...tinyJob({ checkpointEverySteps: 1000, seed: 1 }),
      checkpoints: refusing,
      signal: gone.signal,
      onProgress: (event) => {
        if (event.kind === 'step') gone.abort(new Error('superseded'));
      },
    });
    await expect(superseded).rejects.toThrow('superseded');
  });

  it('changes lower layers less when rates decay by layer', async () => {
    const { weights } = tinyJob();
    const moved = async (layerDecay: number): Promise<number[]> => {
      const tuned = await fineTune({ ...base, ...tinyJob({ epochs: 1, layerDecay }) });
      return [0, 1].map((layer) => {
        const name = `bert.encoder.layer.${layer}.output.dense.weight`;
        const [before, after] = [weights, tuned.weights].map(
          (tensors) => tensors.get(name)!.data as Float32Array,
        );
        return Math.hypot(...after.map((x, i) => x - before[i]));
      });
    };
    const [even, decayed] = [await moved(1), await moved(0.1)];
    expect(decayed[0]).toBeLessThan(0.2 * even[0]);
    expect(decayed[1]).toBeGreaterThan(0.5 * even[1]);
  });

  it.each([
    ['sgd', 0.2],
    ['lion', 0.01],
  ])('learns with %s, and goes on exactly', async (optimizer, rate) => {
    const job = tinyJob({ optimizer, schedule: 'cosine', epochs: 6, learningRate: rate });
    const whole = await fineTune({ ...base, ...job });
    expect(whole.history.at(-1)!.trainLoss).toBeLessThan(whole.history[0].trainLoss / 2);
    const checkpoints = await interruptedAt(8, { ...base, ...job });
    expect(digest(await fineTune({ ...base, ...job, checkpoints }))).toBe(digest(whole));
  });

  it('stops when no epoch is better any more, also when it was interrupted', async () => {
    const job = tinyJob({ epochs: 12, patience: 2, schedule: 'constant', learningRate: 0.03 });
    const whole = await fineTune({ ...base, ...job });
    expect(whole.history.length).toBeLessThan(12);
    expect(whole.history.length - whole.bestEpoch).toBe(2);
    expect(Math.max(...whole.history.map(({ macroF1 }) => macroF1!))).toBe(
      whole.history[whole.bestEpoch - 1].macroF1,
    );
    const checkpoints = memoryCheckpoints();
    await fineTune({ ...base, ...job, checkpoints });
    const again = await fineTune({ ...base, ...job, checkpoints }); // from the checkpoint of a finished run
    expect([digest(again), again.history]).toEqual([digest(whole), whole.history]);
  });

  it('loses only what came after the last checkpoint', async () => {
    const job = tinyJob({ checkpointEverySteps: 3 });
    const checkpoints = await interruptedAt(8, { ...base, ...job });
    expect((await checkpoints.latest())!.state['step']).toBe(6);
    expect(digest(await fineTune({ ...base, ...job, checkpoints }))).toBe(digest(undisturbed));
  });

  it('refuses the checkpoint of another job', async () => {
    const checkpoints = memoryCheckpoints();
    await fineTune({ ...base, ...tinyJob({ epochs: 1 }), checkpoints });
    await expect(fineTune({ ...base, ...tinyJob({ seed: 5, epochs: 1 }), checkpoints })).rejects.toThrow(
      'A checkpoint must come from the same configuration, tokens and weights',
    );
  });

  it('stops when the loss is no number any more, naming the step', async () => {
    await expect(fineTune({ ...base, ...divergingJob(1e30, { warmupRatio: 0 }) })).rejects.toThrow(
      /The loss must stay finite. At step 2 it is NaN, and the first value that is not finite is layer.0\/Gemm/,
    );
  });

  it('names a parameter that was broken before training', async () => {
    const job = tinyJob();
    const name = 'bert.encoder.layer.1.intermediate.dense.bias';
    const weights = new Map(job.weights).set(name, float32([32], new Float32Array(32).fill(NaN)));
    await expect(fineTune({ ...base, ...job, weights })).rejects.toMatchObject({
      code: 'TRAINING_DIVERGED',
      retryable: false,
      details: { step: 1, tensor: name },
    });
  });

  it('keeps the last good checkpoint: parameters that an update has broken are not saved', async () => {
    const checkpoints = memoryCheckpoints();
    await expect(
      fineTune({ ...base, ...divergingJob(1e38, { warmupRatio: 0.1 }), checkpoints }),
    ).rejects.toThrow(
      /^Parameters must stay under 1e19, where float32 can square them. After step 2 those of bert.* do not. The last good checkpoint is kept/,
    );
    expect((await checkpoints.latest())!.state['step']).toBe(1); // a warm-up step with learning rate 0
  });

  it('refuses what does not fit into memory before allocating it, and says what would', async () => {
    const job = tinyJob({ batchSize: 16 });
    const [all, two] = [16, 2].map((sequences) => estimateMemory(job, sequences));
    expect(two).toBeLessThan(all);
    await expect(fineTune({ ...base, ...job, freeBytes: (all + two) / 2 })).rejects.toThrow(
      /Training must fit in the \d+ MiB that are free. It needs about \d+ MiB with 16 sequences per step. training.batchSize [248] would fit./,
    );
    await expect(fineTune({ ...base, ...job, freeBytes: 1e6 })).rejects.toMatchObject({
      code: 'TRAINING_OUT_OF_MEMORY',
      details: { batchSize: 16, fitting: undefined },
    });
  });

  it('refuses tokens that do not fit the network', async () => {
    const job = tinyJob({ maxLength: 8 });
    const [ids, labels] = [job.tokens.ids.with(3, 20), job.tokens.labels.with(7, 2)];
    const mismatched = {
      ...job,
      tokens: { ...job.tokens, ids, labels, vocabSize: 21, splitNames: ['dev', 'valid'] },
    };
    await expect(fineTune({ ...base, ...mismatched })).rejects.toThrow(
      /The tokenizer has 21 entries, the embedding of the base model 20: .* The longest example has \d+ tokens, training.maxLength is 8 .* Token 3 has the id 20, .* Example 7#0 has the label 2, the model 2 classes, .* The split "train" has no examples; there are dev, valid/,
    );
  });
});
