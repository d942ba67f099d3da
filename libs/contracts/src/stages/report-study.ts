import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '../artifact-ref.ts';
import { armFamily, studySummary } from '../study-summary.ts';
import { textRule } from '../text-rule.ts';

const fold = z.int().min(0);
const seed = z.int().min(0);
export const armName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9]*$/, { error: 'The name of an arm must be letters and digits.' });

/** What one training of an arm said about its fold, and what it came from where that is at hand. */
export const studyPart = z.object({ arm: armName, fold, seed, predictions: artifact('predictions'), bundle: artifact('bundle').optional(), adapter: artifact('adapter').optional() });

/** What an arm took over all its folds and seeds; bytes, and what was not measured left out. */
export const armCost = z.object({ arm: armName, seconds: z.number().optional(), cpuSeconds: z.number().optional(), peakBytes: z.number().optional(), tokens: z.number().optional() });

/** Puts the out-of-fold predictions of all arms of a study side by side, tests the planned contrasts, and says what they answer; a missing prediction is an error. */
export const reportStudy = defineStage({
  name: 'reportStudy',
  version: 4,
  summary: 'Compare the arms of the study and answer its questions',
  queue: 'light',
  // Resampling a hundred thousand predictions takes minutes in which nothing else is said.
  timeouts: { startToClose: 2 * 60 * 60, heartbeat: 20 * 60 },
  input: z.strictObject({
    corpus: artifact('corpus'),
    corpusName: z.string(),
    folds: artifact('folds'),
    /**
     * In the order of the table. Those of family `floor` are read from `floors` (`random`, random at the prior of the other folds, is drawn here,
     * once for each of its seeds) and need no seeds; every other needs a part for each of its seeds in each fold.
     * `hard`: decides and gives no probabilities, hence no AUC and no calibration.
     */
    arms: z.array(z.strictObject({ name: armName, title: z.string(), family: armFamily, seeds: z.array(seed).default([]), hard: z.boolean().default(false) })).min(1),
    /** Lists as the maps of a pipeline give them: one for each map, in any order; none of a map that was left out. */
    parts: z.array(z.array(studyPart).nullish().transform((list) => list ?? [])),
    /** Of arms that were taken from earlier studies, in any number of lists; of the others the registry knows. */
    costs: z.array(z.array(armCost).nullish()).default([]).transform((lists) => lists.flatMap((list) => list ?? [])),
    /** One for each fold. */
    floors: z.array(z.object({ fold, floors: artifact('floors') })),
    /** Means of arms' log-odds, each relative to its threshold; made here, and nothing is fitted. */
    ensembles: z.array(z.strictObject({ name: armName, title: z.string(), of: z.array(armName).min(2) })).default([]),
    /** What was planned to be asked. `better` may be `best`: the arm with the best macro-F1, floors left out. */
    contrasts: z.array(z.strictObject({ name: z.string(), question: z.string(), better: armName, than: armName })),
    /** Arms that were planned and not run, in any number of lists. */
    dropped: z.array(z.array(z.strictObject({ arm: armName, reason: z.string() })).nullish()).default([]).transform((lists) => lists.flatMap((list) => list ?? [])),
    ...textRule,
    bootstrapSamples: z.int().min(1).default(2000),
    provenance: z.record(z.string(), z.string()).default({}),
  }),
  /**
   * `report` is a folder: study.json, costs.json, predictions.jsonl.gz, study.md (all without text of the corpus), study.html. `findings` is its study.json alone, the same bytes for the
   * same predictions, whatever it took to get them. `predictions` are those of all arms as JSON Lines, each with its `arm`.
   */
  output: z.object({ report: artifact('report'), findings: artifact('findings'), predictions: artifact('predictions'), summary: studySummary }),
});
