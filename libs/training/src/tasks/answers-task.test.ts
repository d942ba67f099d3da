import { counterRandom, digestOf } from '@overture/core';
import {
  adapterFiles,
  causalLanguageModel,
  encodeAdapter,
  encodeWeights,
  loadWeights,
  parseAdapter,
  parseNetwork,
  type LoraModel,
  type Weights,
} from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { elementCount, float32 } from '@overture/tensors';
import { idsOf, promptAnswerTokens, type TokenSet } from '@overture/tokenization';
import { describe, expect, it } from 'vitest';
import { parseFineTuneConfig } from '../fine-tune-config.ts';
import type { FineTuneJob } from '../fine-tune-job.ts';
import { checkJob } from '../check-job.ts';
import { jobDigest } from '../job-digest.ts';
import { fineTune } from '../fine-tune.ts';
import type { FineTuned } from '../fine-tune-options.ts';
import { FlatParameters } from '../flat-parameters.ts';
import { GradientStep } from '../gradient-step.ts';
import { answerTokens, type LabeledBatch } from '../losses/objective.ts';
import { estimateMemory } from '../memory-estimate.ts';
import { relativeErrors } from '../relative-errors.ts';
import { prefixTokensOf } from '../prefix-tokens.ts';
import { interruptedAt } from '../testing/interrupted-at.ts';
import { tinyJob } from '../testing/tiny-job.ts';
import { asConfigured } from '../trainable-model.ts';

const network = parseNetwork({
  model_type: 'llama',
  vocab_size: 20,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  max_position_embeddings: 48,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  hidden_act: 'silu',
});
const base = { runtime: openRuntime({ threads: 1 }), now: () => 0 };
const digest = ({ weights }: FineTuned): string => digestOf(encodeWeights(weights));

/** The answer to a prompt is its first token twice, then token 1. An instruction can precede the prompt. */
function answered(instruction: readonly number[] = []): TokenSet {
  const examples = Array.from({ length: 48 }, (_, i) => {
    const random = counterRandom(1, 'prompt', i);
    const prompt = Array.from({ length: 2 + random.below(0, 6) }, (__, k) => 4 + random.below(k + 1, 8));
    return {
      prompt: [...instruction, ...prompt],
      answer: [prompt[0], prompt[0], 1],
      split: i < 40 ? 'train' : 'valid',
    } as const;
  });
  return promptAnswerTokens(examples, { vocabSize: 20, padId: 0, maxLength: instruction.length + 16 });
}

const tokens = answered();

function answersJob(config: Record<string, unknown> = {}): FineTuneJob & { readonly model: LoraModel } {
  const parsed = parseFineTuneConfig({
    epochs: 3,
    batchSize: 8,
    maxLength: 16,
    learningRate: 0.03,
    checkpointEverySteps: 1,
    threads: 1,
    weightDecay: 0,
    lora: { rank: 4, alpha: 8, targets: 'all-linear' },
    ...config,
  });
  const plain = causalLanguageModel(network);
  const values = plain.parameters
    .flatMap(({ parts }) => parts)
    .map(({ name, shape }) => {
      const random = counterRandom(3, name);
      return [
        name,
        float32(
          shape,
          Float32Array.from(
            { length: elementCount(shape) },
            (_, i) => (name.includes('norm') ? 1 : 0) + 0.3 * random.normal(i),
          ),
        ),
      ] as const;
    });
  const model = asConfigured(plain, parsed) as LoraModel; // `lora` is always set here
  return {
    config: parsed,
    model,
    tokens,
    weights: loadWeights(new Map(values), model, { where: 'random', seed: 0 }),
  };
}

/** Loss and gradients with respect to all trained parameters at the start. */
async function gradientsOf(
  { model, weights }: FineTuneJob,
  batch: LabeledBatch,
): Promise<{ readonly loss: number; readonly gradients: Weights }> {
  const parameters = new FlatParameters(model);
  parameters.load(weights);
  const step = await GradientStep.open(base.runtime, {
    model,
    parameters,
    batchSize: 6,
    pooling: 'last',
    objective: answerTokens(),
    beginning: batch.beginning !== undefined,
  });
  const loss = await step.run(batch);
  await step.close();
  return { loss, gradients: parameters.toGradients() };
}

const whole = await fineTune({ ...base, ...answersJob() });

describe('fineTune on answers', () => {
  it('learns to write them, judged by the loss on the validation split', async () => {
    const { history, bestEpoch } = await fineTune({ ...base, ...answersJob({ epochs: 10 }) });
    expect(history.at(-1)!.trainLoss).toBeLessThan(history[0].trainLoss / 1.5);
    const losses = history.map(({ validLoss }) => validLoss!);
    expect(losses[bestEpoch - 1]).toBe(Math.min(...losses));
    expect(losses[bestEpoch - 1]).toBeLessThan(losses[0]);
    expect(history[0]).toMatchObject({ macroF1: null, auc: null });
  });

  it.each([1, 5, 8, 14])('goes on after an interruption at step %i to the same bits', async (at) => {
    const checkpoints = await interruptedAt(at, { ...base, ...answersJob() });
    const resumed = await fineTune({ ...base, ...answersJob(), checkpoints });
    expect([digest(resumed), resumed.history]).toEqual([digest(whole), whole.history]);
  });

  it('gives an adapter that loads again', () => {
    const { model, weights } = answersJob();
    const { config, weights: bytes } = encodeAdapter(model, whole.weights, { baseModel: 'llama' });
    expect(config['task_type']).toBe('CAUSAL_LM');
    const read = parseAdapter(
      { config, weights: bytes },
      {
        model: causalLanguageModel(network),
        tensors: new Map([...weights].filter(([name]) => !name.includes('lora'))),
      },
      { where: adapterFiles.config, seed: 0 },
    );
    expect(digestOf(encodeWeights(read.weights))).toBe(digest(whole));
  });

  it('does so above frozen layers, with dropout and an average, and on every weight', async () => {
    const job = answersJob({ epochs: 2, freezeLayers: 1, ema: 0.5, dropout: 0.1 });
    expect(digest(await fineTune({ ...base, ...job }))).toBe(
      digest(await fineTune({ ...base, ...job, activationBytes: 0 })),
    );
    const full = answersJob({ epochs: 4, lora: null, learningRate: 0.01 });
    const { history } = await fineTune({ ...base, ...full });
    expect(history.at(-1)!.validLoss!).toBeLessThan(history[0].validLoss!);
  });

  it('has the validation loss that its weights have after training', async () => {
    const job = answersJob();
    const still = await fineTune({
      ...base,
      ...job,
      weights: whole.weights,
      config: { ...job.config, epochs: 1, learningRate: 1e-30 },
    });
    expect(still.history[0].validLoss).toBeCloseTo(whole.history[whole.bestEpoch - 1].validLoss!, 5);
  });

  describe('with an instruction that all prompts share', () => {
    const instruction = Array.from({ length: 20 }, (_, k) => 12 + (k % 7));
    const job = { ...answersJob({ maxLength: 40 }), tokens: answered(instruction) };

    it('has the loss and the gradients of prompts that are whole', async () => {
      expect(prefixTokensOf(job)).toBe(20);
      const examples = [0, 7, 11, 30, 31];
      const whole = {
        sequences: examples.map((i) => idsOf(job.tokens, i)),
        labels: examples.map((i) => job.tokens.answerStarts![i]),
      };
      const ends = {
        sequences: whole.sequences.map((ids) => ids.subarray(20)),
        labels: whole.labels.map((start) => start - 20),
        beginning: instruction,
      };
      const [expected, got] = [await gradientsOf(job, whole), await gradientsOf(job, ends)];
      expect(got.loss).toBeCloseTo(expected.loss, 5);
      expect(Math.max(...relativeErrors(got.gradients, expected.gradients).values())).toBeLessThan(1e-5);
    });

    it('learns the same, and goes on after an interruption to the same bits', async () => {
      const learned = await fineTune({ ...base, ...job });
      const checkpoints = await interruptedAt(8, { ...base, ...job });
      expect(digest(await fineTune({ ...base, ...job, checkpoints }))).toBe(digest(learned));
      // one prompt outside the training split begins differently, so no prefix is shared
      const ids = Int32Array.from(job.tokens.ids);
      ids[job.tokens.offsets[47]] = 3;
      const apart = await fineTune({ ...base, ...job, tokens: { ...job.tokens, ids } });
      expect(prefixTokensOf({ ...job, tokens: { ...job.tokens, ids } })).toBe(0);
      learned.history.forEach(({ trainLoss }, i) =>
        expect(trainLoss).toBeCloseTo(apart.history[i].trainLoss, 4),
      );
    });

    it('does not share where sequences need their own, and needs less memory where it does', () => {
      for (const settings of [{ dropout: 0.1 }, { freezeLayers: 1 }])
        expect(prefixTokensOf({ ...answersJob({ maxLength: 40, ...settings }), tokens: job.tokens })).toBe(0);
      const dropped = {
        ...answersJob({ maxLength: 40, lora: { rank: 4, alpha: 8, targets: 'all-linear', dropout: 0.1 } }),
        tokens: job.tokens,
      };
      expect(estimateMemory(job, 8)).toBeLessThan(estimateMemory(dropped, 8));
    });
  });

  it('knows what memory it takes, and what the digest counts', () => {
    const job = answersJob();
    expect(estimateMemory(job, 8)).toBeGreaterThan(estimateMemory(job, 2));
    const moved = { ...tokens, answerStarts: tokens.answerStarts!.map((start) => start + 1) };
    expect(jobDigest({ ...job, tokens: moved })).not.toBe(jobDigest(job));
  });

  it('refuses tokens that do not say where answers begin', () => {
    expect(() => checkJob({ ...answersJob(), tokens: tinyJob().tokens })).toThrow(
      'A language model learns answers, and these tokens do not say where answers begin: make them with promptAnswerTokens.',
    );
  });
});
