import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { crossValidationSummary } from '../cross-validation-summary.ts';
import { splitName, labelingOptions } from '../labeling-options.ts';

const fold = z.int().min(0);

/**
 * Assigns the conversations of some splits to folds, and sets an inner validation split aside in each fold.
 */
export const drawFolds = defineStage({
  name: 'drawFolds',
  version: 2,
  summary: 'Deal the conversations into folds',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({
    corpus: artifact('corpus'),
    ...labelingOptions,
    splits: z.array(splitName).min(1),
    folds: z.int().min(2),
    innerFolds: z.int().min(2),
    seed: z.int().min(0),
  }),
  output: z.object({
    folds: artifact('folds'),
    counts: z.array(z.object({ fold, conversations: z.int(), examples: z.int(), initiative: z.int() })),
  }),
});

/**
 * Applies the splits of one fold to the corpus: its own conversations become the split test, the others train
 * and valid.
 */
export const selectFold = defineStage({
  name: 'takeFold',
  version: 1,
  summary: 'Divide the corpus as the fold says',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({ corpus: artifact('corpus'), folds: artifact('folds'), fold }),
  output: z.object({ corpus: artifact('corpus') }),
});

/** Applies the splits of one fold to token ids that were computed once. */
export const takeFoldTokens = defineStage({
  name: 'takeFoldTokens',
  version: 1,
  summary: 'Divide the token ids as the fold says',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({ tokens: artifact('tokens'), folds: artifact('folds'), fold }),
  output: z.object({ tokens: artifact('tokens') }),
});

/** Predicts the conversations of a fold with its model, which was not trained on them. */
export const predictFold = defineStage({
  name: 'predictFold',
  version: 2,
  summary: 'Predict the conversations of the fold',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 60 },
  input: z.strictObject({
    bundle: artifact('bundle'),
    corpus: artifact('corpus'),
    ...labelingOptions,
    fold,
    seed: z.int().min(0),
  }),
  /** JSON Lines: id, conversation, turn, label, probability, threshold, fold, seed. */
  output: z.object({ predictions: artifact('predictions'), examples: z.int() }),
});

/**
 * Pools the predictions of all folds and compares them with the baselines. A missing prediction is an error.
 */
export const poolFolds = defineStage({
  name: 'poolFolds',
  version: 3,
  summary: 'Pool the predictions of all folds and test them against the floors',
  queue: 'light',
  // Resampling about ten thousand predictions takes a minute without heartbeats.
  timeouts: { startToClose: 60 * 60, heartbeat: 10 * 60 },
  input: z.strictObject({
    corpus: artifact('corpus'),
    corpusName: z.string(),
    base: z.string(),
    folds: artifact('folds'),
    seeds: z.array(z.int().min(0)).min(1),
    parts: z.array(
      z.object({
        fold,
        seed: z.int().min(0),
        predictions: artifact('predictions'),
        floors: artifact('floors'),
      }),
    ),
    ...labelingOptions,
    bootstrapSamples: z.int().default(2000),
  }),
  /**
   * `predictions` contains those of all folds as JSON Lines. `report` is a folder: report.json, report.md,
   * report.html.
   */
  output: z.object({
    predictions: artifact('predictions'),
    report: artifact('report'),
    summary: crossValidationSummary,
  }),
});
