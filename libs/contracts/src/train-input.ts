import { reuseRule } from '@overture/dag';
import { z } from 'zod';
import { runControl } from '@overture/protocol';
import { seed, trainingSettings } from '@overture/training-settings';
import { splitName, labelingOptions } from './labeling-options.ts';

/** The source of the dialogues, their format, and how to split them if the corpus defines no splits. */
export const corpusInput = z.strictObject({
  /**
   * A file, a folder, or the name of a corpus that the worker has. Default: the worker's choice, which the
   * result reports.
   */
  uri: z.string().min(1).optional(),
  format: z.enum(['auto', 'msdialog-json', 'msdialog-tsv', 'clariq', 'jsonl']).default('auto'),
  ...labelingOptions,
  /** Fractions of conversations for validation and test, used if the corpus defines no splits. */
  split: z
    .strictObject({
      valid: z.number().gt(0).lt(0.5).default(0.1),
      test: z.number().min(0).lt(0.5).default(0.1),
      seed,
    })
    .prefault({}),
});

/** The settings of the report. */
export const evaluationInput = z.strictObject({
  split: splitName.default('valid'),
  /** Number of bootstrap samples for the 95 % intervals. */
  bootstrapSamples: z.int().min(100).max(100_000).default(2000),
});

/** The argument of `trainInitiativeModel`: plain JSON, everything optional, unknown keys rejected. */
export const TrainInput = z.strictObject({
  /** The model's name in the registry. */
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,99}$/,
      'must be 1 to 100 lower-case letters, digits, dots, dashes or underscores',
    )
    .default('initiative'),
  corpus: corpusInput.prefault({}),
  /** A base model by name. `tiny` is built from scratch from the corpus. */
  base: z.string().min(1).max(200).default('minilm'),
  training: trainingSettings.prefault({}),
  evaluation: evaluationInput.prefault({}),
  /** Which earlier outputs may be reused. Default: all with the same cache key. */
  reuse: reuseRule.prefault({}),
  ...runControl,
});
/** The parsed input of `trainInitiativeModel`. */
export type TrainInput = z.output<typeof TrainInput>;
