import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { armFamily, studySummary } from '../study-summary.ts';
import { labelingOptions } from '../labeling-options.ts';

const fold = z.int().min(0);
const seed = z.int().min(0);
/** The schema of an arm's name. */
export const armName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9]*$/, { error: 'The name of an arm must be letters and digits.' });

/** The predictions of one training of an arm for its fold, with the trained model if available. */
export const studyPart = z.object({
  arm: armName,
  fold,
  seed,
  predictions: artifact('predictions'),
  bundle: artifact('bundle').optional(),
  adapter: artifact('adapter').optional(),
});

/** The total cost of an arm over all folds and seeds. Metrics that were not measured are left out. */
export const armCost = z.object({
  arm: armName,
  seconds: z.number().optional(),
  cpuSeconds: z.number().optional(),
  peakBytes: z.number().optional(),
  tokens: z.number().optional(),
});

/**
 * Compares the out-of-fold predictions of all arms of a study, tests the planned contrasts and reports their
 * results. A missing prediction is an error.
 */
export const reportStudy = defineStage({
  name: 'reportStudy',
  version: 4,
  summary: 'Compare the arms of the study and answer its questions',
  queue: 'light',
  // Resampling a hundred thousand predictions takes minutes without heartbeats.
  timeouts: { startToClose: 2 * 60 * 60, heartbeat: 20 * 60 },
  input: z.strictObject({
    corpus: artifact('corpus'),
    corpusName: z.string(),
    folds: artifact('folds'),
    /**
     * The arms, in the order of the table. Those of family `floor` are read from `floors` and need no seeds.
     * The exception is `random`, which is drawn here for each of its seeds at the prior of the other folds.
     * Every other arm needs one part for each seed and fold. A `hard` arm returns decisions without
     * probabilities, so it has no AUC and no calibration.
     */
    arms: z
      .array(
        z.strictObject({
          name: armName,
          title: z.string(),
          family: armFamily,
          seeds: z.array(seed).default([]),
          hard: z.boolean().default(false),
        }),
      )
      .min(1),
    /** One list for each map of the pipeline, in any order; null for a skipped map. */
    parts: z.array(
      z
        .array(studyPart)
        .nullish()
        .transform((list) => list ?? []),
    ),
    /**
     * Costs of arms from earlier studies, in any number of lists. The registry has the costs of the other
     * arms.
     */
    costs: z
      .array(z.array(armCost).nullish())
      .default([])
      .transform((lists) => lists.flatMap((list) => list ?? [])),
    /** One item for each fold. */
    floors: z.array(z.object({ fold, floors: artifact('floors') })),
    /**
     * Ensembles: means of the arms' log-odds relative to their thresholds. They are computed here without
     * fitting.
     */
    ensembles: z
      .array(z.strictObject({ name: armName, title: z.string(), of: z.array(armName).min(2) }))
      .default([]),
    /** The planned contrasts. `better` may be `best`, the arm with the best macro-F1 except baselines. */
    contrasts: z.array(
      z.strictObject({ name: z.string(), question: z.string(), better: armName, than: armName }),
    ),
    /** Planned arms that were not run, in any number of lists. */
    dropped: z
      .array(z.array(z.strictObject({ arm: armName, reason: z.string() })).nullish())
      .default([])
      .transform((lists) => lists.flatMap((list) => list ?? [])),
    ...labelingOptions,
    bootstrapSamples: z.int().min(1).default(2000),
    provenance: z.record(z.string(), z.string()).default({}),
  }),
  /**
   * `report` is a folder: study.json, costs.json, predictions.jsonl.gz, study.md (all without text of the
   * corpus), study.html. `findings` is only its study.json, with the same bytes for the same predictions,
   * regardless of their cost. `predictions` contains those of all arms as JSON Lines, each with its `arm`.
   */
  output: z.object({
    report: artifact('report'),
    findings: artifact('findings'),
    predictions: artifact('predictions'),
    summary: studySummary,
  }),
});
