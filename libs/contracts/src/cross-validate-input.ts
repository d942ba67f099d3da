import { trainingSettings } from '@overture/training-settings';
import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { runControl } from '@overture/protocol';
import { splitName, labelingOptions } from './labeling-options.ts';
import { corpusInput, evaluationInput } from './train-input.ts';

/** The argument of `crossValidate`: plain JSON, everything optional, unknown keys rejected. */
export const CrossValidateInput = z
  .strictObject({
    corpus: corpusInput.prefault({}),
    /** A base model by name. `tiny` is built from scratch from each fold's training conversations. */
    base: z.string().min(1).max(200).default('minilm'),
    /**
     * Number of folds. The conversations of each fold are predicted by a model trained on the other folds.
     */
    folds: z.int().min(2).max(50).default(5),
    /**
     * Number of parts of a fold's training conversations. One of them is the inner validation split, which
     * selects the epoch, the threshold and the temperature.
     */
    innerFolds: z.int().min(2).max(100).default(10),
    /** Seed of the assignment of conversations to folds. */
    foldSeed: z.int().min(0).default(0),
    /**
     * Seeds of the training. Everything is repeated for each seed, which shows how much results vary with the
     * seed.
     */
    seeds: z.array(z.int().min(0)).min(1).max(20).default([0, 1]),
    /** The splits whose conversations take part; the others are not used. */
    splits: z.array(splitName).min(1).default(['train', 'valid']),
    training: trainingSettings.prefault({}),
    evaluation: evaluationInput.pick({ bootstrapSamples: true }).prefault({}),
    /**
     * Maximum number of folds that run at the same time. Trainings share the workers of the training queue.
     */
    atMost: z.int().min(1).max(100).default(4),
    reuse: reuseRule.prefault({}),
    ...runControl,
  })
  .superRefine(({ training, seeds }, context) => {
    if (training.seed !== 0)
      context.addIssue({
        code: 'custom',
        path: ['training', 'seed'],
        message: 'must be left out, since seeds has one for each repetition',
        input: training.seed,
      });
    if (new Set(seeds).size < seeds.length)
      context.addIssue({
        code: 'custom',
        path: ['seeds'],
        message: 'must be different from each other',
        input: seeds,
      });
  });
/** The parsed input of `crossValidate`. */
export type CrossValidateInput = z.output<typeof CrossValidateInput>;

/**
 * The input of one fold of `crossValidate`: references to the artifacts that all folds share, and its own
 * settings.
 */
export const CrossValidateFoldInput = z.strictObject({
  corpus: artifact('corpus'),
  folds: artifact('folds'),
  fold: z.int().min(0),
  seed: z.int().min(0),
  /**
   * A pretrained base model and the corpus as its tokens. If left out, a tiny model is built from the fold's
   * training conversations.
   */
  pretrained: z
    .strictObject({
      weights: artifact('weights'),
      tokenizer: artifact('tokenizer'),
      config: artifact('model-config'),
      name: z.string(),
      tokens: artifact('tokens'),
    })
    .optional(),
  training: trainingSettings,
  ...labelingOptions,
  reuse: reuseRule.prefault({}),
});
