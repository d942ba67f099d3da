import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { armNames } from '../study/arm-table.ts';
import { splitName, labelingOptions } from '../labeling-options.ts';

/** A pass of texts through a network, for every fold and seed. */
export const networkPass = z.strictObject({
  network: z.enum(['encoder', 'languageModel']),
  /**
   * The texts: the examples of one part of a fold, or, once for all folds, all examples or all single turns.
   */
  over: z.enum(['train', 'valid', 'test', 'examples', 'turns']),
  /** The computed layers: above `from`, up to and including `to`. Default: all. */
  from: z.int().min(0).default(0),
  to: z.int().min(0).optional(),
  /** Maximum tokens per text, and the number of prompt tokens added to each. */
  maxLength: z.int(),
  promptTokens: z.int().default(0),
  /**
   * Floating-point operations per weight and token: 2 for a forward pass, 4 with backpropagation to adapters
   * only, 6 with backpropagation to all weights.
   */
  operations: z.union([z.literal(2), z.literal(4), z.literal(6)]),
  times: z.number(),
  precision: z.enum(['float32', 'int8']),
});
/** A parsed `networkPass`. */
export type NetworkPass = z.output<typeof networkPass>;

/**
 * Estimates the cost of each arm on the worker's machine, and selects the cheapest arms that fit a budget.
 */
export const budgetArms = defineStage({
  name: 'budgetArms',
  version: 1,
  summary: 'Estimate what the arms take, and keep those within the budget',
  queue: 'train',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({
    corpus: artifact('corpus'),
    ...labelingOptions,
    splits: z.array(splitName).min(1),
    folds: z.int().min(2),
    innerFolds: z.int().min(2),
    /** `parts`: number of folds × seeds. */
    arms: z
      .array(z.strictObject({ arm: z.enum(armNames), parts: z.int().min(0), passes: z.array(networkPass) }))
      .min(1),
    /** Absent for tiny models, which are built from the corpus. */
    encoder: artifact('model-config').optional(),
    languageModel: artifact('model-config').optional(),
    budgetMinutes: z.number().gt(0),
  }),
  output: z.object({
    estimates: z.array(z.object({ arm: z.enum(armNames), minutes: z.number() })),
    /** Whether each arm runs. */
    runs: z.partialRecord(z.enum(armNames), z.boolean()),
    dropped: z.array(z.object({ arm: z.enum(armNames), reason: z.string() })),
  }),
});
