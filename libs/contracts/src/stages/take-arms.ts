import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '../artifact-ref.ts';
import { armCost, armName, studyPart } from './report-study.ts';

/** Takes over what arms of an earlier study said, from its report; they must have predicted the same corpus in the same folds. */
export const takeArms = defineStage({
  name: 'takeArms',
  version: 1,
  summary: 'Take arms from the report of an earlier study',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({
    /** The report's folder, on the worker's machine. */
    report: z.string().min(1),
    corpus: artifact('corpus'),
    folds: artifact('folds'),
    arms: z.array(z.strictObject({ name: armName, seeds: z.array(z.int().min(0)).min(1) })).min(1),
  }),
  output: z.object({
    parts: z.array(studyPart),
    costs: z.array(armCost),
    /** For provenance: SHA-256 of the report's predictions. */
    source: z.string(),
  }),
});
