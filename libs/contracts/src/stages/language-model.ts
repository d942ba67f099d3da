import { answersTrainingSettings, maxLength as tokenLimit } from '@overture/training-settings';
import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { labelingOptions } from '../labeling-options.ts';

import { trainingControl } from '../training-action.ts';

/**
 * A causal language model from `fetchBase` or `createTinyLanguageModel`. It is rejected if it has no chat
 * template.
 */
const languageModel = z.strictObject({
  weights: artifact('weights'),
  tokenizer: artifact('tokenizer'),
  config: artifact('model-config'),
  chat: artifact('chat-format').optional(),
  name: z.string(),
});

/**
 * Maximum tokens per conversation, without the instructions. Longer ones keep the opening question and the
 * latest turns.
 */
const maxLength = tokenLimit.default(256);

/**
 * Predicts the split test of a fold's corpus with a language model. All prompts start with the same
 * instruction and demonstrations, which come only from the split train. `scores` compares the likelihoods of
 * the two answers; temperature and threshold come from the split valid. `text` lets the model generate its
 * answer, which must be the requested JSON. Any other answer counts as unparsable and as no initiative.
 */
export const promptFold = defineStage({
  name: 'promptFold',
  version: 4,
  summary: 'Ask the language model about the fold',
  queue: 'train',
  // The next attempt reuses the answers computed before a worker was lost.
  timeouts: { startToClose: 24 * 60 * 60, heartbeat: 60 },
  retry: { maximumAttempts: 6 },
  // Its kernels affect the last bits.
  environment: ['onnxruntime'],
  input: z.strictObject({
    model: languageModel,
    /**
     * The adapter from `fineTuneAnswers` for this model, trained with the same `maxLength` and without
     * demonstrations.
     */
    adapter: artifact('adapter').optional(),
    corpus: artifact('corpus'),
    ...labelingOptions,
    /**
     * Number of demonstrations: conversations with their answers, alternating between the classes while both
     * are available.
     */
    shots: z.int().min(0).max(64),
    read: z.enum(['scores', 'text']),
    maxLength,
    precision: z.enum(['float32', 'int8']).default('float32'),
    fold: z.int().min(0),
    /** Seed of the choice of demonstrations. */
    seed: z.int().min(0),
  }),
  output: z.object({
    /** JSON Lines as in `predictFold`. A line whose text was no valid answer has `unparsable: true`. */
    predictions: artifact('predictions'),
    examples: z.int(),
    unparsable: z.int(),
    /** Ids of the demonstrations, in order. */
    demonstrations: z.array(z.string()),
    /** The threshold is 0.5 and the temperature 1 if answers are generated as text. */
    threshold: z.number(),
    temperature: z.number(),
  }),
});

/**
 * Fine-tunes a language model with low-rank adapters to generate the answer to the prompt of `promptFold`.
 */
export const supervisedFineTune = defineStage({
  name: 'fineTuneAnswers',
  version: 5,
  summary: 'Fine-tune the language model to write the answer',
  queue: 'train',
  // Like `fineTune`: the next attempt resumes from the last checkpoint.
  timeouts: { startToClose: 24 * 60 * 60, heartbeat: 30 },
  retry: { maximumAttempts: 6 },
  environment: ['onnxruntime'],
  control: trainingControl,
  input: z.strictObject({
    model: languageModel,
    corpus: artifact('corpus'),
    ...labelingOptions,
    maxLength,
    training: answersTrainingSettings,
  }),
  output: z.object({
    /** A folder in PEFT's format. */
    adapter: artifact('adapter'),
    log: artifact('training-log'),
    summary: z.object({ steps: z.int(), bestEpoch: z.int(), validLoss: z.number().nullable() }),
  }),
});
