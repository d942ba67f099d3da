import { compareModels, lookUpModels, promote } from '@overture/contracts';
import type { ArtifactRef } from '@overture/protocol';
import { AppError } from '@overture/core';
import { resolveTagSet, type Example, type TagSet } from '@overture/dialogue';
import { openPredictor, type Prediction } from '@overture/inference';
import { drawResamples, evaluationReport, pairedTest, type TestedDifference } from '@overture/metrics';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { bootstrapBytes, inChild } from '../compute/in-child.ts';
import { examplesBySplit } from '../corpus-artifact.ts';
import { readBaselines } from '../baselines-artifact.ts';
import { implement } from '../implement.ts';
import { metricsOf, writeReport } from '../report-folder.ts';
import type { StageContext } from '../stage-context.ts';

/** Looks up a model and the version that its alias currently points to. */
export const lookUpModelsStage = implement(lookUpModels, async ({ model, alias }, { registry }) => {
  const { model: name, version, bundle } = await registry.getModel(model);
  const champion = await registry.getModel(`${name}@${alias}`).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'MODEL_UNKNOWN') return null;
    throw error;
  });
  if (champion?.version === version)
    throw new AppError(
      'MODEL_IS_CHAMPION',
      `The candidate must be another version than the one that ${alias} points at. ${name}@${version} is ${name}@${alias} already: name another version (model), or train one.`,
    );
  const found = (each: { version: number; bundle: ArtifactRef }) => ({
    version: each.version,
    bundle: each.bundle as ArtifactRef<'bundle'>,
  });
  return { name, candidate: found({ version, bundle }), champion: champion && found(champion) };
});

/** Compares candidate, champion and baselines on the same examples. Each decides as it would in service. */
export async function compareOnExamples(
  input: z.output<typeof compareModels.input>,
  context: ComputeContext,
): Promise<z.output<typeof compareModels.output>> {
  const { protocol, split, minimumRecall, significance } = input;
  const { artifacts, workDir, heartbeat, metrics } = context;
  const tagSet = resolveTagSet(input.tagSet);
  const { [split]: examples } = await examplesBySplit(artifacts, input.corpus, {
    rule: { protocol, tagSet },
    splits: [split],
  });
  const candidate = await predictWith(input.candidate, examples, {
    ...context,
    where: 'candidate',
    rule: { protocol, tagSet },
  });
  const champion =
    input.champion &&
    (await predictWith(input.champion, examples, {
      ...context,
      where: 'champion',
      rule: { protocol, tagSet },
    }));
  const baselines = await readBaselines(artifacts, input.floors, examples);

  const scored = {
    labels: examples.map(({ label }) => label),
    groups: examples.map(({ conversationId }) => conversationId),
  };
  const bootstrap = { samples: input.bootstrapSamples, seed: 0 };
  // One set of resamples for all comparisons: drawing takes longer than weighting.
  const shared = { resamples: drawResamples(new Set(scored.groups).size, bootstrap) };
  const opponents = [
    ...baselines.map((baseline) => ({ ...baseline, threshold: 0.5 })),
    ...(champion && input.champion
      ? [{ name: 'champion', title: `champion, version ${input.champion.version}`, ...champion }]
      : []),
  ];
  const contests = opponents.map(({ name, title = name, probabilities, threshold }) => {
    const { macroF1 } = pairedTest(scored, [candidate, { probabilities, threshold }], {
      ...shared,
      metrics: ['macroF1'],
      onProgress: (done, total) => heartbeat({ message: `comparing with ${title}`, done, total }),
    });
    return { against: name, title, macroF1, won: isWon(macroF1, significance) };
  });
  const report = evaluationReport(
    {
      corpus: input.corpusName,
      protocol,
      tagSet: tagSet.name,
      split,
      ...scored,
      probabilities: candidate.probabilities,
      systemTurns: examples.map(({ systemTurn }) => systemTurn),
      threshold: { value: candidate.threshold, tunedOn: 'valid' },
      floors: opponents,
      provenance: {
        candidate: input.candidate.bundle.digest,
        ...(input.champion && { champion: input.champion.bundle.digest }),
        corpus: input.corpus.digest,
      },
    },
    bootstrap,
  );
  metrics(metricsOf(report));
  const folder = join(workDir, 'report');
  await writeReport(folder, report);
  const { perClass, macroF1 } = report.threshold;
  const recall = { initiative: perClass.initiative.recall, noInitiative: perClass.noInitiative.recall };
  const shortcomings = [
    ...contests
      .filter(({ won }) => !won)
      .map(
        ({ title, macroF1: lead }) =>
          `It is not significantly better than ${title}: macro-F1 ${text(lead.value)}${lead.p === null ? '' : `, p ${lead.p.toFixed(3)}`}.`,
      ),
    ...(['initiative', 'noInitiative'] as const)
      .filter((name) => recall[name] < minimumRecall[name])
      .map(
        (name) =>
          `It finds ${(100 * recall[name]).toFixed(1)} % of ${name === 'initiative' ? 'the initiatives' : 'the turns without initiative'}, and must find ${(100 * minimumRecall[name]).toFixed(1)} % (minimumRecall.${name}).`,
      ),
  ];
  return {
    passes: shortcomings.length === 0,
    shortcomings,
    contests,
    macroF1,
    recall,
    report: await artifacts.putTree('report', folder),
  };
}

/** `compareOnExamples` in a child process. */
export const compareModelsStage = implement(
  compareModels,
  inChild(import.meta.url, compareOnExamples, { stage: compareModels.name, work: bootstrapBytes }),
);

/** Records the decision. If it was approved, the alias now points to the candidate. */
export const promoteStage = implement(
  promote,
  async ({ model, version, alias, decision, evidence }, { registry, run }) => {
    const { previous, approved, by, reason } = await registry.recordPromotion({
      run,
      model,
      version,
      alias,
      evidence,
      ...decision,
    });
    return { promoted: approved, previous, by, reason };
  },
);

interface Asking extends Pick<StageContext, 'artifacts' | 'settings' | 'signal' | 'heartbeat' | 'workDir'> {
  readonly where: string;
  readonly rule: { readonly protocol: string; readonly tagSet: TagSet };
}

async function predictWith(
  { version, bundle }: { version: number; bundle: ArtifactRef<'bundle'> },
  examples: readonly Example[],
  { artifacts, settings, signal, heartbeat, workDir, where, rule }: Asking,
): Promise<{ probabilities: number[]; threshold: number }> {
  const folder = join(workDir, where);
  await artifacts.materialize(bundle, folder);
  await using predictor = await openPredictor(folder, {
    threads: settings.threads,
    executionProvider: settings.executionProvider,
  });
  const { text: learned, decision } = predictor.manifest;
  if (learned.protocol !== rule.protocol || learned.tagSet.tags.join() !== rule.tagSet.tags.join()) {
    throw new AppError(
      'MODELS_NOT_COMPARABLE',
      `The ${where} must have learned what is compared: protocol ${rule.protocol}, tag set ${rule.tagSet.name}. Version ${version} learned protocol ${learned.protocol}, tag set ${learned.tagSet.name}: say so (corpus.protocol, corpus.tagSet), or compare models of one kind.`,
    );
  }
  const predictions: Prediction[] = await predictor.predict(examples, {
    signal,
    onProgress: (done, total) => heartbeat({ message: `asking the ${where}`, done, total }),
  });
  return { probabilities: predictions.map(({ probability }) => probability), threshold: decision.threshold };
}

function isWon({ value, p }: TestedDifference, significance: number): boolean {
  return value !== null && p !== null && value > 0 && p < significance;
}

function text(lead: number | null): string {
  return lead === null ? 'undefined' : `${lead > 0 ? '+' : ''}${lead.toFixed(3)}`;
}
