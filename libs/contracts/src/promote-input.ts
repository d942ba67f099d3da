import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { runControl } from '@overture/protocol';
import { splitName } from './labeling-options.ts';
import { corpusInput, evaluationInput } from './train-input.ts';

const share = z.number().min(0).max(1);

/** The argument of `promoteModel`: plain JSON, everything optional, unknown keys rejected. */
export const PromoteInput = z.strictObject({
  /** The candidate: `name` (its newest version) or `name@3`. */
  model: z.string().min(1).max(120).default('initiative'),
  /** The alias to set. */
  alias: z.string().min(1).max(50).default('champion'),
  /** The corpus on which the models are compared. */
  corpus: corpusInput.prefault({}),
  /**
   * The split to compare on. Neither model may have used it for training or model selection; only the user
   * can check this.
   */
  split: splitName.default('test'),
  /** Minimum recall of the candidate for each class. */
  minimumRecall: z
    .strictObject({ initiative: share.default(0.3), noInitiative: share.default(0.3) })
    .prefault({}),
  /** Significance level: the candidate must be better with a smaller p-value. */
  significance: z.number().gt(0).lt(1).default(0.05),
  evaluation: evaluationInput.pick({ bootstrapSamples: true }).prefault({}),
  reuse: reuseRule.prefault({}),
  ...runControl,
});
/** The parsed input of `promoteModel`. */
export type PromoteInput = z.output<typeof PromoteInput>;
