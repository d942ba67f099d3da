import { pipeline, type OutputOf } from '@overture/dag';
import { runLocally, type LocalRun } from '@overture/execution';
import { z } from 'zod';
import { readTexts, stages, weighTerms, writeReport } from './stages.ts';

/** Finds the terms that distinguish each text of a folder from the others. */
export const topicReport = pipeline(
  'topicReport',
  z.strictObject({
    folder: z.string().default('.'),
    terms: z.int().default(3),
    shortest: z.int().default(4),
  }),
  ({ folder, terms, shortest }, run) => {
    const { texts, count } = run(readTexts, { folder });
    const { weights } = run(weighTerms, { texts, shortest });
    const { report, words } = run(writeReport, { texts, weights, terms });
    return { report, count, words };
  },
);

/** Runs the pipeline in this process on the texts in `root`. Reuses the results in the folder `results`. */
export function runTopicReport(
  input: unknown,
  { root, results }: { readonly root: string; readonly results: string },
): Promise<LocalRun<OutputOf<typeof topicReport>>> {
  return runLocally(topicReport, input, { stages, settings: { root }, folder: results });
}
