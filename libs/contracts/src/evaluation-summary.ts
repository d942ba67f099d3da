import type { EvaluationReport } from '@overture/metrics';
import { z } from 'zod';

/**
 * The report without the parts that only a page shows (curves, slices), small enough to pass through a
 * workflow.
 */
export type EvaluationSummary = Omit<
  EvaluationReport,
  'curves' | 'slices' | 'provenance' | 'crossValidation'
>;

/** A 95 % confidence interval, or null. */
export const interval = z.tuple([z.number(), z.number()]).readonly().nullable();
const metricValues = {
  macroF1: z.number(),
  accuracy: z.number(),
  balancedAccuracy: z.number(),
  auc: z.number().nullable(),
  averagePrecision: z.number().nullable(),
  mcc: z.number(),
  brier: z.number(),
  ece: z.number(),
};
const metricNames = Object.keys(metricValues) as (keyof typeof metricValues)[];
const classScores = z.object({
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  support: z.number(),
});
const classIntervals = z.object({ precision: interval, recall: interval, f1: interval });

/** All scores of examples at one threshold. */
export const scoresShape = {
  n: z.int(),
  ...metricValues,
  perClass: z.object({ initiative: classScores, noInitiative: classScores }),
  confusion: z.object({ tp: z.number(), fp: z.number(), fn: z.number(), tn: z.number() }),
  ci95: z
    .object({
      ...each(interval),
      perClass: z.object({ initiative: classIntervals, noInitiative: classIntervals }),
    })
    .nullable(),
};

/** The schema of an evaluation summary. Top-level scores are those at threshold 0.5. */
export const evaluationSummary = z.object({
  corpus: z.string(),
  protocol: z.string(),
  tagSet: z.string(),
  split: z.string(),
  ...scoresShape,
  threshold: z.object({ value: z.number(), tunedOn: z.string().nullable(), ...scoresShape }),
  floors: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      ...scoresShape,
      margin: z.object(each(z.object({ value: z.number().nullable(), ci95: interval }))),
    }),
  ),
  alsoUsedFor: z.array(z.enum(['checkpoint', 'threshold', 'temperature'])),
  bootstrap: z.object({ samples: z.int(), seed: z.int(), groups: z.int() }),
}) satisfies z.ZodType<EvaluationSummary>;

function each<Schema extends z.ZodType>(schema: Schema): Record<keyof typeof metricValues, Schema> {
  return Object.fromEntries(metricNames.map((name) => [name, schema])) as Record<
    keyof typeof metricValues,
    Schema
  >;
}
