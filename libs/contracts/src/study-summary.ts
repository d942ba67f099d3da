import type { ArmFamily, StudySummary } from '@overture/metrics';
import { z } from 'zod';
import { interval, scoresShape } from './evaluation-summary.ts';

export type { ArmFamily, StudySummary };

/** The families of arms in a study. */
export const armFamily = z.enum([
  'floor',
  'frozen',
  'encoder',
  'prompt',
  'text',
  'head',
  'sequence',
  'ensemble',
]) satisfies z.ZodType<ArmFamily>;

const tested = z.object({ value: z.number().nullable(), ci95: interval, p: z.number().nullable() });
const seed = z.int();

/** The scores of an arm. An arm without probabilities has no probability scores. */
const armScores = { ...scoresShape, brier: z.number().nullable(), ece: z.number().nullable() };

const arm = z.object({
  name: z.string(),
  title: z.string(),
  family: armFamily,
  /** Whether the arm returns decisions without probabilities. */
  hard: z.boolean(),
  /** Scores over all folds and seeds at threshold 0.5. */
  ...armScores,
  /** The same scores at the threshold that each fold tuned on its inner validation split. */
  tuned: z.object(armScores),
  seeds: z.array(
    z.object({
      seed,
      n: z.int(),
      macroF1: z.number(),
      auc: z.number().nullable(),
      balancedAccuracy: z.number(),
      initiativeRecall: z.number(),
    }),
  ),
  /** Standard deviation of macro-F1 between seeds; null with one seed. */
  seedDeviation: z.number().nullable(),
  /** Standard error of macro-F1 due to the sampling of conversations. */
  conversationDeviation: z.number(),
  /** Number of examples with an unparsable answer. They count as "no initiative". */
  unparsable: z.int(),
});

const contrast = z.object({
  name: z.string(),
  question: z.string(),
  /** Names of arms. Differences are `better` minus `than`. */
  better: z.string(),
  than: z.string(),
  /**
   * If `better` was selected as the best arm on these predictions, the arms it was selected from. The p-value
   * and the interval of macro-F1 then account for the selection.
   */
  chosenAmong: z.array(z.string()).nullable(),
  /**
   * If `better` was selected: macro-F1 at 0.5 without accounting for the selection. Null in reports of
   * earlier versions.
   */
  unadjusted: tested.nullable().default(null),
  /** At threshold 0.5. `holm` is the p-value after Holm's correction over all contrasts. */
  macroF1: tested.extend({ holm: z.number().nullable() }),
  /** At the tuned thresholds. */
  tunedMacroF1: tested,
  auc: tested,
  initiativeRecall: tested,
  /** One test for each pair of trainings, because repeated answers to one example are not independent. */
  mcnemar: z.array(
    z.object({
      seeds: z.tuple([seed, seed]).readonly(),
      onlyFirst: z.int(),
      onlySecond: z.int(),
      p: z.number(),
    }),
  ),
});

/** The schema of a study's summary, small enough to pass through a workflow. */
export const studySummary = z.object({
  corpus: z.string(),
  protocol: z.string(),
  tagSet: z.string(),
  examples: z.int(),
  initiative: z.int(),
  folds: z.int(),
  /** In the order of the input, ensembles last. */
  arms: z.array(arm),
  /** The arm with the best macro-F1 at 0.5 that is not a baseline; null if all are baselines. */
  best: z.string().nullable(),
  contrasts: z.array(contrast),
  /** Contrasts that include a dropped arm. */
  unanswered: z.array(z.object({ name: z.string(), question: z.string(), reason: z.string() })),
  dropped: z.array(z.object({ arm: z.string(), reason: z.string() })),
  bootstrap: z.object({ samples: z.int(), seed: z.int(), groups: z.int() }),
}) satisfies z.ZodType<StudySummary>;
