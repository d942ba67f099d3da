import { issueSentence, reuseRule } from '@overture/dag';
import { z } from 'zod';
import { artifact } from './artifact-ref.ts';
import { runControl } from './run-control.ts';
import { textRule } from './text-rule.ts';
import { TrainInput, trainingInput, type TrainingInput } from './train-input.ts';

/** The settings of a training that may be varied. */
const settingNames = Object.keys(trainingInput.shape) as [keyof TrainingInput, ...(keyof TrainingInput)[]];

/** What any setting may be; which it may be itself, the refinement of `SweepInput` asks. */
const settingValue = z.union([z.string(), z.number(), z.boolean(), z.null(), z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))]);

/** What one setting may be: one of a list, or a number of a range. */
export const dimension = z.union([
  z.strictObject({ values: z.array(settingValue).min(1).max(100) }),
  z
    .strictObject({ min: z.number(), max: z.number(), scale: z.enum(['linear', 'log']).default('linear'), integer: z.boolean().default(false) })
    .refine(({ min, max }) => min < max, { error: 'min must be below max', path: ['min'] })
    .refine(({ min, scale }) => scale === 'linear' || min > 0, { error: 'on a log scale min must be above 0', path: ['min'] }),
]);
export type Dimension = z.output<typeof dimension>;

export const searchSpace = z.partialRecord(z.enum(settingNames), dimension);
export type SearchSpace = z.output<typeof searchSpace>;

/** How trials are drawn: all of a grid, at random, or at random with most of them stopped early. */
export const sweepStrategy = z.enum(['grid', 'random', 'halving']);

/** The one argument of `sweep`: plain JSON, everything optional, unknown keys refused. */
export const SweepInput = z.strictObject({
  name: TrainInput.shape.name,
  corpus: TrainInput.shape.corpus,
  base: TrainInput.shape.base,
  /** What is not varied. */
  training: trainingInput.prefault({}),
  /** Which settings are varied, and within what. */
  space: searchSpace.prefault({ learningRate: { min: 1e-5, max: 1e-4, scale: 'log' }, classWeights: { values: ['balanced', 'none'] } }),
  strategy: sweepStrategy.default('halving'),
  /** How many are drawn; of a grid, how many there may be at most. */
  trials: z.int().min(2).max(256).default(9),
  /** How many points of a range a grid has. */
  gridSteps: z.int().min(2).max(20).default(3),
  /** Of halving: one in so many goes on to the next rung, on so many times as much of the training split. */
  factor: z.int().min(2).max(10).default(3),
  /** Of halving: no rung trains on less than this share of the training split. */
  smallestShare: z.number().gt(0).max(1).default(0.1),
  /** Decides the draws, and which conversations a rung trains on. */
  seed: z.int().min(0).default(0),
  /** How many trials may be under way at a time. */
  atMost: z.int().min(1).max(100).default(4),
  evaluation: TrainInput.shape.evaluation,
  reuse: reuseRule.prefault({}),
  ...runControl,
}).superRefine(({ space, training }, context) => {
  if (Object.keys(space).length === 0) context.addIssue({ code: 'custom', path: ['space'], message: 'must vary something, such as {"learningRate": {"min": 1e-5, "max": 1e-4, "scale": "log"}}', input: space });
  for (const [name, range] of Object.entries(space)) {
    for (const value of 'values' in range ? range.values : [range.min, range.max]) {
      const problem = trainingInput.safeParse({ ...training, [name]: value }).error?.issues[0];
      if (problem !== undefined) context.addIssue({ code: 'custom', path: ['space', name], message: `every value must be one that training.${name} may have (${issueSentence(problem).replace(/^It /, '').replace(/ Got .*$/s, '').replace(/\.$/, '')})`, input: value });
    }
  }
});
export type SweepInput = z.output<typeof SweepInput>;

/** What one trial of `sweep` is given. */
export const SweepTrialInput = z.strictObject({
  corpus: artifact('corpus'),
  base: z.strictObject({ weights: artifact('weights'), tokenizer: artifact('tokenizer'), config: artifact('model-config'), name: z.string() }),
  trial: z.int().min(0),
  training: trainingInput,
  /** Of the training split. */
  share: z.number().gt(0).max(1),
  seed: z.int().min(0),
  ...textRule,
  reuse: reuseRule.prefault({}),
});
