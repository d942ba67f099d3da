import { evaluate, evaluationSummary } from '@overture/contracts';
import { resolveTagSet, type Example } from '@overture/dialogue';
import { openPredictor, type Prediction } from '@overture/inference';
import { evaluationReport } from '@overture/metrics';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { bootstrapBytes, inChild } from '../compute/in-child.ts';
import { examplesBySplit } from '../corpus-artifact.ts';
import { readBaselines } from '../baselines-artifact.ts';
import { implement } from '../implement.ts';
import { labelProvenance } from '../label-provenance.ts';
import { metricsOf, writeReport } from '../report-folder.ts';

/**
 * Predicts a split with the finished bundle, exactly as in service, and reports the scores next to the
 * baselines.
 */
export async function evaluateBundle(
  input: z.output<typeof evaluate.input>,
  { artifacts, settings, signal, workDir, heartbeat, metrics }: ComputeContext,
): Promise<z.output<typeof evaluate.output>> {
  const { split, protocol } = input;
  const tagSet = resolveTagSet(input.tagSet);
  const { [split]: examples } = await examplesBySplit(artifacts, input.corpus, {
    rule: { protocol, tagSet },
    splits: [split],
  });
  const bundleDir = join(workDir, 'bundle');
  await artifacts.materialize(input.bundle, bundleDir);
  await using predictor = await openPredictor(bundleDir, {
    threads: settings.threads,
    executionProvider: settings.executionProvider,
  });
  const { manifest } = predictor;
  const predictions = await predictor.predict(examples, {
    signal,
    onProgress: (done, total) => heartbeat({ message: 'predicting', done, total }),
  });

  const report = evaluationReport(
    {
      corpus: input.corpusName,
      protocol,
      tagSet: tagSet.name,
      split,
      labels: examples.map(({ label }) => label),
      probabilities: predictions.map(({ probability }) => probability),
      groups: examples.map(({ conversationId }) => conversationId),
      systemTurns: examples.map(({ systemTurn }) => systemTurn),
      threshold: { value: manifest.decision.threshold, tunedOn: 'valid' },
      // Training used the validation split to choose the epoch and to calibrate.
      alsoUsedFor: split === 'valid' ? ['checkpoint', 'threshold', 'temperature'] : [],
      floors: input.floors === undefined ? [] : await readBaselines(artifacts, input.floors, examples),
      provenance: {
        base: manifest.base.name,
        bundle: input.bundle.digest,
        corpus: input.corpus.digest,
        ...labelProvenance(examples),
      },
    },
    {
      samples: input.bootstrapSamples,
      seed: input.seed,
      onProgress: (done, total) => heartbeat({ message: 'resampling', done, total }),
    },
  );
  metrics(metricsOf(report));
  const folder = join(workDir, 'report');
  await writeReport(folder, report, { 'predictions.jsonl': lines(examples, predictions) });
  return { report: await artifacts.putTree('report', folder), summary: evaluationSummary.parse(report) };
}

/** `evaluateBundle` in a child process. */
export const evaluateStage = implement(
  evaluate,
  inChild(import.meta.url, evaluateBundle, { stage: evaluate.name, work: bootstrapBytes }),
);

function lines(examples: readonly Example[], predictions: readonly Prediction[]): string {
  return predictions
    .map((prediction, i) => `${JSON.stringify({ ...prediction, label: examples[i]?.label })}\n`)
    .join('');
}
