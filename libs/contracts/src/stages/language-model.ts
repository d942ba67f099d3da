import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '../artifact-ref.ts';
import { textRule } from '../text-rule.ts';
import { answersTrainingInput } from '../train-input.ts';

/** A causal language model as `fetchBase` and `createTinyLanguageModel` give it. Without a chat template it is refused. */
const languageModel = z.strictObject({
  weights: artifact('weights'), tokenizer: artifact('tokenizer'), config: artifact('model-config'), chat: artifact('chat-format').optional(), name: z.string(),
});

/** Tokens of one conversation; longer ones keep the opening question and the latest turns. Instructions come on top. */
const maxLength = z.int().min(16).max(4096).default(256);

/**
 * Asks a language model about the split test of a fold's corpus. The instruction and the demonstrations, which come from the split train only,
 * are what all prompts begin with. `scores` compares how likely the two answers are; temperature and threshold come from the split valid. `text` lets
 * the model write its answer, which has to be the JSON that was asked for: anything else counts as unparsable, and as no initiative.
 */
export const promptFold = defineStage({
  name: 'promptFold',
  version: 4,
  summary: 'Ask the language model about the fold',
  queue: 'train',
  // What was answered before a worker was lost is kept for the next attempt.
  timeouts: { startToClose: 24 * 60 * 60, heartbeat: 60 },
  retry: { maximumAttempts: 6 },
  // Its kernels decide the last bits.
  environment: ['onnxruntime'],
  input: z.strictObject({
    model: languageModel,
    /** What `fineTuneAnswers` gave for this model, asked with the same `maxLength` and without demonstrations. */
    adapter: artifact('adapter').optional(),
    corpus: artifact('corpus'),
    ...textRule,
    /** Demonstrations: conversations with their answers, of both classes alike. */
    shots: z.int().min(0).max(64),
    read: z.enum(['scores', 'text']),
    maxLength,
    precision: z.enum(['float32', 'int8']).default('float32'),
    fold: z.int().min(0),
    /** Chooses the demonstrations. */
    seed: z.int().min(0),
  }),
  output: z.object({
    /** JSON Lines as of `predictFold`; a line whose text was no answer has `unparsable: true`. */
    predictions: artifact('predictions'),
    examples: z.int(),
    unparsable: z.int(),
    /** Ids of the examples shown, in their order. */
    demonstrations: z.array(z.string()),
    /** 0.5 and 1 where texts are read. */
    threshold: z.number(),
    temperature: z.number(),
  }),
});

/** Fine-tunes a language model with low-rank adapters to write the answer to the prompt of `promptFold`. */
export const fineTuneAnswers = defineStage({
  name: 'fineTuneAnswers',
  version: 5,
  summary: 'Fine-tune the language model to write the answer',
  queue: 'train',
  // As fineTune: the next attempt goes on from the last checkpoint.
  timeouts: { startToClose: 24 * 60 * 60, heartbeat: 30 },
  retry: { maximumAttempts: 6 },
  environment: ['onnxruntime'],
  controllable: true,
  input: z.strictObject({ model: languageModel, corpus: artifact('corpus'), ...textRule, maxLength, training: answersTrainingInput }),
  output: z.object({
    /** A folder in PEFT's layout. */
    adapter: artifact('adapter'),
    log: artifact('training-log'),
    summary: z.object({ steps: z.int(), bestEpoch: z.int(), validLoss: z.number().nullable() }),
  }),
});
