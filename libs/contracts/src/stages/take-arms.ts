import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { armCost, armName, studyPart } from './report-study.ts';

/**
 * Takes the predictions of arms from the report of an earlier study, which must have used the same corpus and
 * folds.
 */
export const takeArms = defineStage({
  name: 'takeArms',
  version: 1,
  summary: 'Take arms from the report of an earlier study',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({
    /** The folder of the report on the worker's machine. */
    report: z.string().min(1),
    corpus: artifact('corpus'),
    folds: artifact('folds'),
    arms: z.array(z.strictObject({ name: armName, seeds: z.array(z.int().min(0)).min(1) })).min(1),
  }),
  output: z.object({
    parts: z.array(studyPart),
    costs: z.array(armCost),
    /** The SHA-256 digest of the report's predictions, for provenance. */
    source: z.string(),
  }),
});
