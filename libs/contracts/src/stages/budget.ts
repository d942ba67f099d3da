import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '../artifact-ref.ts';
import { armNames } from '../study/arm-table.ts';
import { splitName, textRule } from '../text-rule.ts';

/** One way through a network, in every fold and under every seed. */
export const networkPass = z.strictObject({
  network: z.enum(['encoder', 'languageModel']),
  /** Which texts: examples of a part of a fold, or, once for all folds, every example or every turn by itself. */
  over: z.enum(['train', 'valid', 'test', 'examples', 'turns']),
  /** The layers that are computed: those above `from`, up to `to`. Default: all. */
  from: z.int().min(0).default(0),
  to: z.int().min(0).optional(),
  /** Tokens of a text at most, and what is asked around each. */
  maxLength: z.int(),
  promptTokens: z.int().default(0),
  /** Floating-point operations for each weight and token: 2 forwards, 4 back to adapters, 6 back to every weight. */
  operations: z.union([z.literal(2), z.literal(4), z.literal(6)]),
  times: z.number(),
  precision: z.enum(['float32', 'int8']),
});
export type NetworkPass = z.output<typeof networkPass>;

/** Says what each arm takes on the worker's machine, and which arms fit a budget: the cheapest first. */
export const budgetArms = defineStage({
  name: 'budgetArms',
  version: 1,
  summary: 'Estimate what the arms take, and keep those within the budget',
  queue: 'train',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({
    corpus: artifact('corpus'),
    ...textRule,
    splits: z.array(splitName).min(1),
    folds: z.int().min(2),
    innerFolds: z.int().min(2),
    /** `parts`: folds × seeds. */
    arms: z.array(z.strictObject({ arm: z.enum(armNames), parts: z.int().min(0), passes: z.array(networkPass) })).min(1),
    /** Absent for models that are made of the corpus, which are tiny. */
    encoder: artifact('model-config').optional(),
    languageModel: artifact('model-config').optional(),
    budgetMinutes: z.number().gt(0),
  }),
  output: z.object({
    estimates: z.array(z.object({ arm: z.enum(armNames), minutes: z.number() })),
    /** Whether an arm is run. */
    runs: z.partialRecord(z.enum(armNames), z.boolean()),
    dropped: z.array(z.object({ arm: z.enum(armNames), reason: z.string() })),
  }),
});
