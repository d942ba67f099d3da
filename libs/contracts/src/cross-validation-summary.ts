import type { CrossValidationReport } from '@overture/metrics';
import { z } from 'zod';
import { evaluationSummary, interval } from './evaluation-summary.ts';

/** The pooled report without the parts that only a page shows. */
export type CrossValidationSummary = Omit<CrossValidationReport, 'curves' | 'slices' | 'provenance'>;

const seed = z.int();
const partScores = {
  n: z.int(),
  macroF1: z.number(),
  auc: z.number().nullable(),
  balancedAccuracy: z.number(),
  initiativeRecall: z.number(),
};
const tested = z.object({ value: z.number().nullable(), ci95: interval, p: z.number().nullable() });

/**
 * The schema of a cross-validation summary. Top-level scores are those of all predictions at threshold 0.5.
 */
export const crossValidationSummary = z.object({
  ...evaluationSummary.shape,
  crossValidation: z.object({
    seeds: z.array(z.object({ seed, ...partScores })),
    folds: z.array(z.object({ seed, fold: z.int(), threshold: z.number(), ...partScores })),
    tests: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        macroF1: tested,
        auc: tested,
        mcnemar: z.array(z.object({ seed, onlyFirst: z.int(), onlySecond: z.int(), p: z.number() })),
      }),
    ),
  }),
}) satisfies z.ZodType<CrossValidationSummary>;
