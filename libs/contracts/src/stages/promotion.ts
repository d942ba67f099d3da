import { defineStage, gateDecision } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { interval } from '../evaluation-summary.ts';
import { splitName, labelingOptions } from '../labeling-options.ts';

const version = z.object({ version: z.int(), bundle: artifact('bundle') });

/** Finds a model and the current version of its alias. Fails if the model is already the champion. */
export const lookUpModels = defineStage({
  name: 'lookUpModels',
  version: 1,
  summary: 'Find the candidate and the champion in the registry',
  queue: 'light',
  timeouts: { startToClose: 60 },
  // The registry may have changed by the next run.
  reusable: false,
  input: z.strictObject({ model: z.string().min(1), alias: z.string().min(1) }),
  output: z.object({ name: z.string(), candidate: version, champion: version.nullable() }),
});

/** The candidate's lead over one opponent, each at its own threshold. */
export const contest = z.object({
  against: z.string(),
  title: z.string(),
  /** Difference in macro-F1, tested by a paired bootstrap over conversations. */
  macroF1: z.object({ value: z.number().nullable(), ci95: interval, p: z.number().nullable() }),
  won: z.boolean(),
});

/**
 * Compares two models and the baselines on the same examples, and tests whether the candidate is
 * significantly better than all of them.
 */
export const compareModels = defineStage({
  name: 'compareModels',
  version: 2,
  summary: 'Compare the candidate with the champion and the floors',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 60 },
  input: z.strictObject({
    candidate: version,
    champion: version.nullable(),
    corpus: artifact('corpus'),
    corpusName: z.string(),
    floors: artifact('floors'),
    ...labelingOptions,
    split: splitName,
    minimumRecall: z.strictObject({ initiative: z.number(), noInitiative: z.number() }),
    significance: z.number(),
    bootstrapSamples: z.int(),
  }),
  /** `report` is a folder like that of `evaluate`, with the champion among the baselines. */
  output: z.object({
    passes: z.boolean(),
    /** The reasons why it does not pass, one sentence each. */
    shortcomings: z.array(z.string()),
    contests: z.array(contest),
    macroF1: z.number(),
    recall: z.object({ initiative: z.number(), noInitiative: z.number() }),
    report: artifact('report'),
  }),
});

/**
 * Records the decision and its reasons in the registry. If it was approved, points the alias at the
 * candidate.
 */
export const promote = defineStage({
  name: 'promote',
  version: 1,
  summary: 'Record the decision in the registry',
  queue: 'light',
  timeouts: { startToClose: 60 },
  reusable: false,
  input: z.strictObject({
    model: z.string().min(1),
    version: z.int(),
    alias: z.string().min(1),
    decision: gateDecision,
    evidence: z.object({
      contests: z.array(contest),
      macroF1: z.number(),
      shortcomings: z.array(z.string()),
      corpus: z.string(),
      split: z.string(),
    }),
  }),
  output: z.object({
    promoted: z.boolean(),
    previous: z.int().nullable(),
    by: z.string().nullable(),
    reason: z.string().nullable(),
  }),
});
