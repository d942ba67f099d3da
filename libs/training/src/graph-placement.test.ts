import { loadWeights, parseNetwork, type Network } from '@overture/models';
import { openRuntime, type Runtime } from '@overture/runtime';
import { describe, expect, it } from 'vitest';
import { jobDigest } from './job-digest.ts';
import { fineTune } from './fine-tune.ts';
import type { FineTuned } from './fine-tune-options.ts';
import { estimateMemory } from './memory-estimate.ts';
import { relativeErrors } from './relative-errors.ts';
import { interruptedAt } from './testing/interrupted-at.ts';
import { networkJob, tinyJob } from './testing/tiny-job.ts';
import { asConfigured } from './trainable-model.ts';

const here = openRuntime({ threads: 1 });
/** Graphs built for a device, run on the CPU; `npm run bench -- device` compares on a real device. */
const device: Runtime = { ...here, executionProvider: 'cuda', separateMemory: true };

const llama = parseNetwork({
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
const bert = tinyJob().model.network;
const lora = { rank: 4, alpha: 8, targets: 'all-linear' };

function jobOn(
  runtime: Runtime,
  network: Network,
  config: Record<string, unknown>,
): Parameters<typeof fineTune>[0] {
  const job = networkJob(network, { epochs: 1, ...config });
  const model = asConfigured(job.model, job.config);
  const weights = loadWeights(
    new Map([...job.weights].filter(([name]) => !name.startsWith('classifier'))),
    model,
    { where: 'tiny', seed: 0 },
  );
  return { ...job, model, weights, runtime, now: () => 0 };
}

const cases: readonly (readonly [string, Network, Record<string, unknown>])[] = [
  ['a whole BERT', bert, {}],
  ['a Llama under adapters', llama, { pooling: 'last', lora }],
  ['a BERT above frozen layers', bert, { freezeLayers: 1 }],
  ['a BERT under dropout', bert, { dropout: 0.1 }],
];

describe.each(cases)('%s, trained as on a device', (_, network, config) => {
  it('learns what it learns on a processor, up to the order of addition', async () => {
    const [expected, got] = [
      await fineTune(jobOn(here, network, config)),
      await fineTune(jobOn(device, network, config)),
    ];
    expect(got.history[0]!.trainLoss).toBeCloseTo(expected.history[0]!.trainLoss, 5);
    expect(got.history[0]!.validLoss).toBeCloseTo(expected.history[0]!.validLoss!, 5);
    // Adam divides by small numbers
    expect(Math.max(...relativeErrors(got.weights, expected.weights).values())).toBeLessThan(1e-3);
  });

  it('goes on exactly where it was interrupted', async () => {
    const whole = await fineTune(jobOn(device, network, config));
    const checkpoints = await interruptedAt(3, jobOn(device, network, config));
    const resumed = await fineTune({ ...jobOn(device, network, config), checkpoints });
    expect(flat(resumed)).toEqual(flat(whole));
  });
});

describe('a job on a device', () => {
  it('refuses int8, whose point is a processor', async () => {
    await expect(fineTune(jobOn(device, llama, { lora, frozenWeights: 'int8' }))).rejects.toThrow(
      'training.frozenWeights must be "float32" on the execution provider cuda',
    );
  });

  it('does not take checkpoints from elsewhere for its own, and needs no memory here for what runs keep there', () => {
    const [there, local] = [jobOn(device, bert, {}), jobOn(here, bert, {})];
    expect(jobDigest(there)).not.toBe(jobDigest(local));
    expect(jobDigest(local)).toBe(jobDigest({ ...local, runtime: undefined }));
    expect(estimateMemory(there, 8)).toBe(estimateMemory(there, 512));
    expect(estimateMemory(local, 2)).toBeLessThan(estimateMemory(local, 8));
  });
});

function flat({ weights }: FineTuned): unknown {
  return [...weights].map(([name, { data }]) => [name, [...data]]);
}
