import { digestOf } from '@overture/core';
import { encodeWeights, freezeLayers, loadWeights, parseNetwork } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { describe, expect, it } from 'vitest';
import { fineTune } from '../fine-tune.ts';
import type { FineTuned } from '../fine-tune-options.ts';
import { parseFineTuneConfig } from '../fine-tune-config.ts';
import type { FineTuneJob } from '../fine-tune-job.ts';
import { jobDigest } from '../job-digest.ts';
import { estimateMemory } from '../memory-estimate.ts';
import { interruptedAt } from '../testing/interrupted-at.ts';
import { networkJob, tinyJob } from '../testing/tiny-job.ts';
import { trainableModel } from '../trainable-model.ts';
import type { TrainingProgress } from '../training-progress.ts';

const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };
const digest = ({ weights }: FineTuned): string => digestOf(encodeWeights(weights));

const families = {
  bert: {
    model_type: 'bert',
    vocab_size: 20,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 16,
    type_vocab_size: 2,
  },
  roberta: {
    model_type: 'roberta',
    vocab_size: 20,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 18,
    type_vocab_size: 1,
    pad_token_id: 1,
  },
  distilbert: {
    model_type: 'distilbert',
    vocab_size: 20,
    dim: 16,
    n_layers: 2,
    n_heads: 2,
    hidden_dim: 32,
    max_position_embeddings: 16,
  },
  llama: {
    model_type: 'llama',
    vocab_size: 20,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 4,
    max_position_embeddings: 16,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    hidden_act: 'silu',
  },
} as const;

const jobOf = (family: keyof typeof families, config: Record<string, unknown>): FineTuneJob =>
  networkJob(parseNetwork(families[family]), { pooling: family === 'llama' ? 'last' : 'mean', ...config });

describe.each(['bert', 'roberta', 'distilbert', 'llama'] as const)(
  'training above frozen layers of %s',
  (family) => {
    it.each([1, 2])(
      'leaves the embeddings and %i of 2 layers as they came, and learns with the rest',
      async (freezeLayers) => {
        const job = jobOf(family, { freezeLayers, epochs: 8 });
        const tuned = await fineTune({ ...base, ...job });
        expect(tuned.history.at(-1)!.trainLoss).toBeLessThan(tuned.history[0].trainLoss);
        for (const { depth, parts } of [...job.model.parameters, ...job.model.frozen]) {
          const same = parts.every(
            ({ name }) =>
              digestOf(new Uint8Array((tuned.weights.get(name)!.data as Float32Array).slice().buffer)) ===
              digestOf(new Uint8Array((job.weights.get(name)!.data as Float32Array).slice().buffer)),
          );
          if (depth <= freezeLayers) expect(same, parts[0].name).toBe(true);
        }
        expect(digest(tuned)).not.toBe(digestOf(encodeWeights(job.weights)));
      },
    );

    it('gives the same bits whether activations are kept or computed anew, and says when they are', async () => {
      const job = jobOf(family, { freezeLayers: 1, headStart: 'linearProbe' });
      const seen: TrainingProgress[] = [];
      const kept = await fineTune({ ...base, ...job, onProgress: (event) => seen.push(event) });
      expect(seen[0]).toEqual({ kind: 'activations', done: 0, total: 56 });
      const again: TrainingProgress[] = [];
      const anew = await fineTune({
        ...base,
        ...job,
        activationBytes: 1000,
        onProgress: (event) => again.push(event),
      });
      const bytes = 4 * 16 * job.tokens.ids.length;
      expect(again[0]).toEqual({ kind: 'activationsTooLarge', bytes, budget: 1000 });
      expect(again.some(({ kind }) => kind === 'activations')).toBe(false);
      expect(digest(anew)).toBe(digest(kept));
      expect(anew.history).toEqual(kept.history);
    });
  },
);

describe('training above frozen layers', () => {
  it('goes on exactly, with a checkpoint of what is trained only', async () => {
    const job = tinyJob({ freezeLayers: 1 });
    const whole = await fineTune({ ...base, ...job });
    const checkpoints = await interruptedAt(8, { ...base, ...job });
    expect((await checkpoints.latest())!.buffers.get('parameters')!.length).toBeLessThan(
      0.6 * job.model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    );
    expect(digest(await fineTune({ ...base, ...job, checkpoints }))).toBe(digest(whole));
  });

  it('puts adapters above them', async () => {
    const network = parseNetwork(families.llama);
    const config = parseFineTuneConfig({
      lora: { rank: 4, alpha: 8, targets: 'all-linear' },
      freezeLayers: 1,
    });
    const model = trainableModel(network, config);
    expect(model.parameters.filter(({ head }) => !head).every(({ depth }) => depth === 2)).toBe(true);
    const plain = jobOf('llama', { freezeLayers: 1, lora: config.lora, epochs: 6, learningRate: 0.02 });
    const job = {
      ...plain,
      model,
      weights: loadWeights(new Map([...plain.weights].filter(([name]) => !name.startsWith('score'))), model, {
        where: 'llama',
        seed: 0,
      }),
    };
    const kept = await fineTune({ ...base, ...job });
    expect(kept.history.at(-1)!.trainLoss).toBeLessThan(kept.history[0].trainLoss);
    expect(digest(await fineTune({ ...base, ...job, activationBytes: 0 }))).toBe(digest(kept));
    expect(() => trainableModel(network, { ...config, freezeLayers: 2 })).toThrow(
      'With training.lora, training.freezeLayers must leave a layer for the adapters: at most 1. Got 2 instead.',
    );
  });

  it('computes them in float32 also where steps have frozen matrices in int8', async () => {
    const config = {
      freezeLayers: 1,
      frozenWeights: 'int8',
      lora: { rank: 4, alpha: 8, targets: 'all-linear' },
      epochs: 2,
      learningRate: 0.02,
    };
    const plain = jobOf('bert', config);
    const model = trainableModel(plain.model.network, plain.config);
    const job = {
      ...plain,
      model,
      weights: loadWeights(new Map([...plain.weights].filter(([name]) => name.startsWith('bert.'))), model, {
        where: 'bert',
        seed: 0,
      }),
    };
    expect(digest(await fineTune({ ...base, ...job, activationBytes: 0 }))).toBe(
      digest(await fineTune({ ...base, ...job })),
    );
  });

  it('keeps activations only as far as training leaves memory', async () => {
    const job = tinyJob({ freezeLayers: 1 });
    const seen: TrainingProgress[] = [];
    await fineTune({
      ...base,
      ...job,
      freeBytes: estimateMemory({ ...job, model: freezeLayers(job.model, 1) }, 8) + 500,
      onProgress: (event) => seen.push(event),
    });
    expect(seen[0]).toMatchObject({ kind: 'activationsTooLarge' });
  });

  it('refuses more layers than there are', async () => {
    await expect(fineTune({ ...base, ...tinyJob({ freezeLayers: 3 }) })).rejects.toThrow(
      'The number of layers to freeze must be from 0 to 2, which is what this bert network has. Got 3 instead.',
    );
  });

  it('counts in the digest of a job where it freezes something', () => {
    const job = tinyJob();
    expect(jobDigest({ ...job, config: { ...job.config, freezeLayers: 1 } })).not.toBe(jobDigest(job));
  });
});
