import { reportStudy, studySummary } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import { metricNames, studyReport, type StudyPart, type StudyReport } from '@overture/metrics';
import type { Metric } from '@overture/registry';
import { renderStudyHtml, renderStudyMarkdown } from '@overture/report';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { z } from 'zod';
import { expectedExamples } from '../complete-predictions.ts';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { bootstrapBytes, inChild } from '../compute/in-child.ts';
import { implement } from '../implement.ts';
import { labelProvenance } from '../label-provenance.ts';
import { putPredictions } from '../out-of-fold.ts';
import { writeFiles } from '../report-folder.ts';
import { armCosts } from '../study/arm-costs.ts';
import { droppedArms, measurable, studyArms } from '../study/study-arms.ts';
import { costsFile, originText, predictionsFile, studyFile } from '../study/study-files.ts';
import { studySlicings } from '../study/study-slicings.ts';
import { worstErrors } from '../study/worst-errors.ts';

/** The input of `reportStudy`, and the costs of the arms from the registry. */
interface Measured {
  readonly given: z.output<typeof reportStudy.input>;
  readonly measured: Awaited<ReturnType<typeof armCosts>>;
}

/** Compares the arms of a study, checks that no prediction is missing, and answers the study's questions. */
export async function writeStudyReport(
  { given, measured }: Measured,
  { artifacts, workDir, heartbeat, metrics }: ComputeContext,
): Promise<z.output<typeof reportStudy.output>> {
  const input = { ...given, arms: armsOf(given) };
  const { protocol, corpusName, bootstrapSamples } = input;
  const tagSet = resolveTagSet(input.tagSet);
  const { expected, folds } = await expectedExamples(artifacts, input, { protocol, tagSet });
  const arms = await studyArms(artifacts, input, { expected, folds });
  heartbeat({ message: `comparing ${arms.length} arms` });
  const study = studyReport(
    {
      corpus: corpusName,
      protocol,
      tagSet: tagSet.name,
      arms: arms.map(measurable),
      examples: expected.map(({ id, conversationId, label, fold }) => ({
        id,
        conversation: conversationId,
        label,
        fold,
      })),
      contrasts: input.contrasts,
      dropped: droppedArms(input),
      slicings: studySlicings(expected),
      parts: partsOf(input),
      provenance: {
        [originText.corpus]: input.corpus.digest,
        [originText.folds]: input.folds.digest,
        ...labelProvenance(expected),
        ...input.provenance,
      },
    },
    { samples: bootstrapSamples, seed: 0 },
  );
  metrics(metricsOf(study));
  const costs = [...measured, ...input.costs.filter(({ arm }) => measured.every((cost) => cost.arm !== arm))];
  const shown = { ...study, costs };
  const findings = `${JSON.stringify(study, undefined, 2)}\n`;

  const best = arms.find(({ name }) => name === study.best);
  const lines = arms.flatMap(({ name, trainings }) =>
    trainings.flatMap((training) => training.lines.map((line) => ({ arm: name, ...line }))),
  );
  const folder = join(workDir, 'report');
  await writeFiles(folder, {
    [studyFile]: findings,
    [predictionsFile]: gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
    [costsFile]: `${JSON.stringify(costs, undefined, 2)}\n`,
    'study.md': renderStudyMarkdown(shown),
    'study.html': renderStudyHtml(shown, { worstErrors: best ? worstErrors(best, expected) : [] }),
  });
  return {
    report: await artifacts.putTree('report', folder),
    findings: await artifacts.put('findings', new TextEncoder().encode(findings)),
    predictions: await putPredictions(artifacts, lines),
    summary: studySummary.parse(study),
  };
}

const reportInChild = inChild(import.meta.url, writeStudyReport, {
  stage: reportStudy.name,
  work: ({ given }) => bootstrapBytes(given),
});

/** Reads the costs of the arms from the registry, and compares the arms in a child process. */
export const reportStudyStage = implement(reportStudy, async (given, context) =>
  reportInChild(
    {
      given,
      measured: await armCosts(
        context.registry,
        context.run,
        armsOf(given).map(({ name }) => name),
      ),
    },
    context,
  ),
);

/** The arms that were not dropped. */
function armsOf({
  arms,
  dropped,
}: z.output<typeof reportStudy.input>): z.output<typeof reportStudy.input>['arms'] {
  return arms.filter(({ name }) => !dropped.some(({ arm }) => arm === name));
}

/** The origin of each training, in the order of the arms, whatever the order of the parts. */
function partsOf({ arms, parts }: z.output<typeof reportStudy.input>): StudyPart[] {
  const all = parts.flat();
  return arms.flatMap(({ name, seeds }) =>
    seeds.flatMap((seed) =>
      all
        .filter((part) => part.arm === name && part.seed === seed)
        .sort((a, b) => a.fold - b.fold)
        .map(({ arm, fold, predictions, bundle, adapter }) => ({
          arm,
          fold,
          seed,
          sources: {
            predictions: predictions.digest,
            ...(bundle && { bundle: bundle.digest }),
            ...(adapter && { adapter: adapter.digest }),
          },
        })),
    ),
  );
}

/** A study's numbers for the registry: those of each arm and of each contrast. */
function metricsOf({ arms, contrasts }: StudyReport): Metric[] {
  return [
    ...arms.flatMap((arm) =>
      metricNames.flatMap((name) =>
        arm[name] === null ? [] : [{ scope: `arm:${arm.name}`, name, value: arm[name] }],
      ),
    ),
    ...contrasts.flatMap(({ name, macroF1: { value, holm } }) =>
      value === null || holm === null
        ? []
        : [
            { scope: `contrast:${name}`, name: 'macroF1', value },
            { scope: `contrast:${name}`, name: 'holm', value: holm },
          ],
    ),
  ];
}
