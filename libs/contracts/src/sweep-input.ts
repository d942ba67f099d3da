import { trainingSettings, type TrainingSettings } from '@overture/training-settings';
import { issueSentence, reuseRule } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { runControl } from '@overture/protocol';
import { labelingOptions } from './labeling-options.ts';
import { TrainInput } from './train-input.ts';

/** The training settings that a sweep can vary. */
const settingNames = Object.keys(trainingSettings.shape) as [
  keyof TrainingSettings,
  ...(keyof TrainingSettings)[],
];

/** The values that any setting may have. The refinement of `SweepInput` checks them for each setting. */
const settingValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
]);

/** The range of one setting: a list of values or an interval of numbers. */
export const dimension = z.union([
  z.strictObject({ values: z.array(settingValue).min(1).max(100) }),
  z
    .strictObject({
      min: z.number(),
      max: z.number(),
      scale: z.enum(['linear', 'log']).default('linear'),
      integer: z.boolean().default(false),
    })
    .refine(({ min, max }) => min < max, { error: 'min must be below max', path: ['min'] })
    .refine(({ min, scale }) => scale === 'linear' || min > 0, {
      error: 'on a log scale min must be above 0',
      path: ['min'],
    }),
]);
/** A parsed `dimension`. */
export type Dimension = z.output<typeof dimension>;

/** The schema of a search space: the ranges of the varied settings. */
export const searchSpace = z.partialRecord(z.enum(settingNames), dimension);
/** A parsed search space. */
export type SearchSpace = z.output<typeof searchSpace>;

/**
 * The search strategy: a full grid, random search, or successive halving (random search that stops most
 * trials early).
 */
export const sweepStrategy = z.enum(['grid', 'random', 'halving']);

/** The argument of `sweep`: plain JSON, everything optional, unknown keys rejected. */
export const SweepInput = z
  .strictObject({
    name: TrainInput.shape.name,
    corpus: TrainInput.shape.corpus,
    base: TrainInput.shape.base,
    /** The training settings that are not varied. */
    training: trainingSettings.prefault({}),
    /** The varied settings and their ranges. */
    space: searchSpace.prefault({
      learningRate: { min: 1e-5, max: 1e-4, scale: 'log' },
      classWeights: { values: ['balanced', 'none'] },
    }),
    strategy: sweepStrategy.default('halving'),
    /** Number of trials (maximum, for a grid). */
    trials: z.int().min(2).max(256).default(9),
    /** Number of grid points per interval. */
    gridSteps: z.int().min(2).max(20).default(3),
    /**
     * Halving factor: one in `factor` trials continues to the next rung, with `factor` times as much training
     * data.
     */
    factor: z.int().min(2).max(10).default(3),
    /** For halving, the smallest share of the training split that a rung uses. */
    smallestShare: z.number().gt(0).max(1).default(0.1),
    /** Seed of the drawn trials and of each rung's training conversations. */
    seed: z.int().min(0).default(0),
    /** Maximum number of trials that run at the same time. */
    atMost: z.int().min(1).max(100).default(4),
    evaluation: TrainInput.shape.evaluation,
    reuse: reuseRule.prefault({}),
    ...runControl,
  })
  .superRefine(({ space, training }, context) => {
    if (Object.keys(space).length === 0)
      context.addIssue({
        code: 'custom',
        path: ['space'],
        message: 'must vary something, such as {"learningRate": {"min": 1e-5, "max": 1e-4, "scale": "log"}}',
        input: space,
      });
    for (const [name, range] of Object.entries(space)) {
      for (const value of 'values' in range ? range.values : [range.min, range.max]) {
        const problem = trainingSettings.safeParse({ ...training, [name]: value }).error?.issues[0];
        if (problem !== undefined)
          context.addIssue({
            code: 'custom',
            path: ['space', name],
            message: `every value must be one that training.${name} may have (${issueSentence(problem)
              .replace(/^It /, '')
              .replace(/ Got .*$/s, '')
              .replace(/\.$/, '')})`,
            input: value,
          });
      }
    }
  });
/** The parsed input of `sweep`. */
export type SweepInput = z.output<typeof SweepInput>;

/** The input of one trial of `sweep`. */
export const SweepTrialInput = z.strictObject({
  corpus: artifact('corpus'),
  base: z.strictObject({
    weights: artifact('weights'),
    tokenizer: artifact('tokenizer'),
    config: artifact('model-config'),
    name: z.string(),
  }),
  trial: z.int().min(0),
  training: trainingSettings,
  /** The share of the training split to train on. */
  share: z.number().gt(0).max(1),
  seed: z.int().min(0),
  ...labelingOptions,
  reuse: reuseRule.prefault({}),
});
