import { crossValidationSummary, poolFolds } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import { crossValidationReport, type CrossValidation } from '@overture/metrics';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { bootstrapBytes, inChild } from '../compute/in-child.ts';
import { assertWhole, expectedExamples, trainingsOf } from '../complete-predictions.ts';
import { baselinesOfFolds } from '../baselines-artifact.ts';
import { implement } from '../implement.ts';
import { labelProvenance } from '../label-provenance.ts';
import { putPredictions } from '../out-of-fold.ts';
import { metricsOf, writeReport } from '../report-folder.ts';

/**
 * Pools the predictions of all folds, checks that none is missing, and reports their scores next to the
 * baselines of the same folds.
 */
export async function poolPredictions(
  input: z.output<typeof poolFolds.input>,
  { artifacts, workDir, heartbeat, metrics }: ComputeContext,
): Promise<z.output<typeof poolFolds.output>> {
  const { corpus, corpusName, base, protocol, bootstrapSamples } = input;
  const tagSet = resolveTagSet(input.tagSet);
  const { expected, folds } = await expectedExamples(artifacts, input, { protocol, tagSet });
  const foldName = ({ fold, seed }: { fold: number; seed: number }): string => `fold ${fold} of seed ${seed}`;
  assertWhole(
    'pool',
    input.seeds.flatMap((seed) => Array.from({ length: folds }, (_, fold) => foldName({ fold, seed }))),
    input.parts.map(foldName),
  );
  const pooled = (await trainingsOf(artifacts, input, expected)).flatMap(({ lines }) => lines);
  const report = crossValidationReport(
    {
      corpus: corpusName,
      protocol,
      tagSet: tagSet.name,
      predictions: pooled,
      floors: await baselinesOfFolds(artifacts, input.parts, pooled),
      provenance: {
        base,
        corpus: corpus.digest,
        folds: input.folds.digest,
        seeds: input.seeds.join(', '),
        ...labelProvenance(expected),
      },
    },
    {
      samples: bootstrapSamples,
      seed: 0,
      onProgress: (done, total) => heartbeat({ message: 'resampling', done, total }),
    },
  );
  metrics([...metricsOf(report), ...report.crossValidation.seeds.flatMap((each) => metricsOfSeed(each))]);
  const folder = join(workDir, 'report');
  await writeReport(folder, report);
  return {
    predictions: await putPredictions(artifacts, pooled),
    report: await artifacts.putTree('report', folder),
    summary: crossValidationSummary.parse(report),
  };
}

/** `poolPredictions` in a child process. */
export const poolFoldsStage = implement(
  poolFolds,
  inChild(import.meta.url, poolPredictions, { stage: poolFolds.name, work: bootstrapBytes }),
);

function metricsOfSeed({
  seed,
  macroF1,
  auc,
}: CrossValidation['seeds'][number]): { scope: string; name: string; value: number }[] {
  return [
    { scope: `seed ${seed}`, name: 'macroF1', value: macroF1 },
    ...(auc === null ? [] : [{ scope: `seed ${seed}`, name: 'auc', value: auc }]),
  ];
}
