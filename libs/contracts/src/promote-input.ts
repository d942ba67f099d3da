import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { runControl } from './run-control.ts';
import { splitName } from './text-rule.ts';
import { corpusInput, evaluationInput } from './train-input.ts';

const share = z.number().min(0).max(1);

/** The one argument of `promoteModel`: plain JSON, everything optional, unknown keys refused. */
export const PromoteInput = z.strictObject({
  /** `name`, its newest version, or `name@3`. */
  model: z.string().min(1).max(120).default('initiative'),
  /** What is to point at it. */
  alias: z.string().min(1).max(50).default('champion'),
  /** What both are compared on. */
  corpus: corpusInput.prefault({}),
  /** Neither model may have learnt or chosen anything on it; only you can know. */
  split: splitName.default('test'),
  /** The least share of each class that the candidate finds. */
  minimumRecall: z.strictObject({ initiative: share.default(0.3), noInitiative: share.default(0.3) }).prefault({}),
  /** A lead counts where chance gives one as large less often than this. */
  significance: z.number().gt(0).lt(1).default(0.05),
  evaluation: evaluationInput.pick({ bootstrapSamples: true }).prefault({}),
  reuse: reuseRule.prefault({}),
  ...runControl,
});
export type PromoteInput = z.output<typeof PromoteInput>;
