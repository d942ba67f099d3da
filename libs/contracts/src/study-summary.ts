import type { ArmFamily, StudySummary } from '@overture/metrics';
import { z } from 'zod';
import { interval, scoresShape } from './evaluation-summary.ts';

export type { ArmFamily, StudySummary };

/** The kinds of predictor that an arm of a study may be. */
export const armFamily = z.enum(['floor', 'frozen', 'encoder', 'prompt', 'text', 'head', 'sequence', 'ensemble']) satisfies z.ZodType<ArmFamily>;

const tested = z.object({ value: z.number().nullable(), ci95: interval, p: z.number().nullable() });
const seed = z.int();

/** Scores of an arm; an arm that only decides has no probabilities, and so none of the scores of these. */
const armScores = { ...scoresShape, brier: z.number().nullable(), ece: z.number().nullable() };

const arm = z.object({
  name: z.string(),
  title: z.string(),
  family: armFamily,
  /** Decides and gives no probabilities. */
  hard: z.boolean(),
  /** Of all folds and seeds together, at 0.5. */
  ...armScores,
  /** The same at the threshold that each fold tuned on its inner validation. */
  tuned: z.object(armScores),
  seeds: z.array(z.object({ seed, n: z.int(), macroF1: z.number(), auc: z.number().nullable(), balancedAccuracy: z.number(), initiativeRecall: z.number() })),
  /** Standard deviation of macro-F1 between seeds; null with one seed. */
  seedDeviation: z.number().nullable(),
  /** Standard error of macro-F1 from which conversations there happened to be. */
  conversationDeviation: z.number(),
  /** Examples whose answer could not be read, of all its answers; they count as "no initiative". */
  unparsable: z.int(),
});

const contrast = z.object({
  name: z.string(),
  question: z.string(),
  /** Arms by name; the differences are `better` minus `than`. */
  better: z.string(),
  than: z.string(),
  /** Where `better` was chosen as the best arm on these very predictions: among which. p and interval of macro-F1 then take the choice into account. */
  chosenAmong: z.array(z.string()).nullable(),
  /** There, macro-F1 at 0.5 as if it had been named beforehand. Reports of former versions have none. */
  unadjusted: tested.nullable().default(null),
  /** At 0.5; `holm` is p after Holm's correction over all contrasts. */
  macroF1: tested.extend({ holm: z.number().nullable() }),
  /** At the tuned thresholds. */
  tunedMacroF1: tested,
  auc: tested,
  initiativeRecall: tested,
  /** One for each pair of trainings: repeated answers to one example are not independent. */
  mcnemar: z.array(z.object({ seeds: z.tuple([seed, seed]).readonly(), onlyFirst: z.int(), onlySecond: z.int(), p: z.number() })),
});

/** The schema of a study's summary; small enough to pass through a workflow. */
export const studySummary = z.object({
  corpus: z.string(),
  protocol: z.string(),
  tagSet: z.string(),
  examples: z.int(),
  initiative: z.int(),
  folds: z.int(),
  /** In the order in which they were given, ensembles last. */
  arms: z.array(arm),
  /** The arm with the best macro-F1 at 0.5 that is no floor; null where all are floors. */
  best: z.string().nullable(),
  contrasts: z.array(contrast),
  /** Contrasts with an arm that was dropped. */
  unanswered: z.array(z.object({ name: z.string(), question: z.string(), reason: z.string() })),
  dropped: z.array(z.object({ arm: z.string(), reason: z.string() })),
  bootstrap: z.object({ samples: z.int(), seed: z.int(), groups: z.int() }),
}) satisfies z.ZodType<StudySummary>;
