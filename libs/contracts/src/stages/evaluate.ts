import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { evaluationSummary } from '../evaluation-summary.ts';
import { splitName, labelingOptions } from '../labeling-options.ts';

/** Predicts a split with the trained bundle and compares it with the baselines in a report. */
export const evaluate = defineStage({
  name: 'evaluate',
  version: 3,
  summary: 'Evaluate the model beside the floors',
  queue: 'light',
  timeouts: { startToClose: 60 * 60, heartbeat: 60 },
  input: z.strictObject({
    bundle: artifact('bundle'),
    corpus: artifact('corpus'),
    corpusName: z.string(),
    floors: artifact('floors').optional(),
    ...labelingOptions,
    split: splitName,
    bootstrapSamples: z.int().default(2000),
    seed: z.int().min(0).default(0),
  }),
  /** `report` is a folder: report.json, report.md, report.html, predictions.jsonl. */
  output: z.object({ report: artifact('report'), summary: evaluationSummary }),
});
