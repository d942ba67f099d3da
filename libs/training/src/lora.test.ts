import { counterRandom, digestOf } from '@overture/core';
import { encodeWeights, loadWeights, parseNetwork, type LoraOptions, type Model } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { elementCount, float32 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { fineTune } from './fine-tune.ts';
import type { FineTuneJob } from './fine-tune-job.ts';
import { interruptedAt } from './testing/interrupted-at.ts';
import { tinyJob } from './testing/tiny-job.ts';
import { mergedWeights, trainableModel } from './trainable-model.ts';

const network = parseNetwork({
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
});
const lora: LoraOptions = { rank: 4, alpha: 8, targets: 'all-linear' };
const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };

/** The tiny job on a Llama with frozen weights and adapters. */
function loraJob(config: Record<string, unknown> = {}): FineTuneJob {
  const job = tinyJob({ pooling: 'last', lora, learningRate: 0.02, ...config });
  const model = trainableModel(network, job.config);
  return { ...job, model, weights: randomWeights(model) };
}

/** Random values for all weights that a pretrained file would have. */
function randomWeights(model: Model): FineTuneJob['weights'] {
  const pretrained = model.frozen
    .flatMap(({ parts }) => parts)
    .map(({ name, shape }) => {
      const random = counterRandom(3, name);
      const level = name.includes('norm') ? 1 : 0;
      return [
        name,
        float32(
          shape,
          Float32Array.from({ length: elementCount(shape) }, (_, i) => level + 0.2 * random.normal(i)),
        ),
      ] as const;
    });
  return loadWeights(new Map(pretrained), model, { where: 'random', seed: 0 });
}

const whole = await fineTune({ ...base, ...loraJob({ epochs: 6 }) });

describe('fineTune with adapters', () => {
  it('learns, and leaves every frozen weight as it came', () => {
    const { model, weights } = loraJob();
    expect(whole.history.at(-1)!.trainLoss).toBeLessThan(whole.history[0].trainLoss / 2);
    for (const { name } of model.frozen.flatMap(({ parts }) => parts))
      expect(whole.weights.get(name)!.data, name).toEqual(weights.get(name)!.data);
  });

  it('keeps only adapters, head and their moments in a checkpoint, and goes on exactly', async () => {
    const checkpoints = await interruptedAt(12, { ...base, ...loraJob({ epochs: 6 }) });
    const trained = loraJob().model.parameters.reduce(
      (sum, { shape }) => sum + Math.ceil(elementCount(shape) / 16) * 16,
      0,
    );
    expect((await checkpoints.latest())!.buffers.get('parameters')).toHaveLength(trained);
    const resumed = await fineTune({ ...base, ...loraJob({ epochs: 6 }), checkpoints });
    expect(digestOf(encodeWeights(resumed.weights))).toBe(digestOf(encodeWeights(whole.weights)));
  });

  it('merges into a model without adapters that scores the same', async () => {
    const { model, ...job } = loraJob({ epochs: 6 });
    const plain = trainableModel(network, { lora: null });
    // one more epoch with almost no learning rate: its validation loss is that of the unchanged weights
    const still = {
      ...job.config,
      headStart: 'asGiven' as const,
      epochs: 1,
      learningRate: 1e-30,
      weightDecay: 0,
      lora: null,
    };
    const scored = await fineTune({
      ...base,
      ...job,
      config: still,
      model: plain,
      weights: mergedWeights(model, whole.weights),
    });
    expect(scored.history[0].validLoss).toBeCloseTo(whole.history[whole.bestEpoch - 1].validLoss!, 4);
  });
});
