import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { artifact } from './artifact-ref.ts';
import { runControl } from './run-control.ts';
import { splitName, textRule } from './text-rule.ts';
import { corpusInput, evaluationInput, trainingInput } from './train-input.ts';

/** The one argument of `crossValidate`: plain JSON, everything optional, unknown keys refused. */
export const CrossValidateInput = z.strictObject({
  corpus: corpusInput.prefault({}),
  /** A base model by name; `tiny` is made from scratch out of each fold's own training conversations. */
  base: z.string().min(1).max(200).default('minilm'),
  /** How many parts the conversations are dealt into; each is predicted by a model that was trained on the others. */
  folds: z.int().min(2).max(50).default(5),
  /** One of so many parts of a fold's training conversations chooses its epoch, threshold and temperature. */
  innerFolds: z.int().min(2).max(100).default(10),
  /** Decides who is in which fold. */
  foldSeed: z.int().min(0).default(0),
  /** The whole is done once for each: what chance in the training is worth. */
  seeds: z.array(z.int().min(0)).min(1).max(20).default([0, 1]),
  /** Which conversations take part; those of other splits are left alone. */
  splits: z.array(splitName).min(1).default(['train', 'valid']),
  training: trainingInput.prefault({}),
  evaluation: evaluationInput.pick({ bootstrapSamples: true }).prefault({}),
  /** How many folds may be under way at a time; trainings share the workers of the training queue. */
  atMost: z.int().min(1).max(100).default(4),
  reuse: reuseRule.prefault({}),
  ...runControl,
}).superRefine(({ training, seeds }, context) => {
  if (training.seed !== 0) context.addIssue({ code: 'custom', path: ['training', 'seed'], message: 'must be left out, since seeds has one for each repetition', input: training.seed });
  if (new Set(seeds).size < seeds.length) context.addIssue({ code: 'custom', path: ['seeds'], message: 'must be different from each other', input: seeds });
});
export type CrossValidateInput = z.output<typeof CrossValidateInput>;

/** What one fold of `crossValidate` is given: references to what all folds share. */
export const CrossValidateFoldInput = z.strictObject({
  corpus: artifact('corpus'),
  folds: artifact('folds'),
  fold: z.int().min(0),
  seed: z.int().min(0),
  /** A pretrained base model, and the corpus in its tokens; left out, a tiny one is made of the fold's training conversations. */
  pretrained: z
    .strictObject({ weights: artifact('weights'), tokenizer: artifact('tokenizer'), config: artifact('model-config'), name: z.string(), tokens: artifact('tokens') })
    .optional(),
  training: trainingInput,
  ...textRule,
  reuse: reuseRule.prefault({}),
});
