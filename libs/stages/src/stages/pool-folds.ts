import { readJson, type ArtifactStore } from '@overture/artifacts';
import { crossValidationSummary, poolFolds } from '@overture/contracts';
import { AppError } from '@overture/core';
import { examplesOf, resolveTagSet, type LabelRule } from '@overture/dialogue';
import { crossValidationReport, type CrossValidation, type FloorPredictions } from '@overture/metrics';
import type { z } from 'zod';
import { join } from 'node:path';
import { corpusConversations } from '../corpus-artifact.ts';
import { floorsArtifact } from '../floors-artifact.ts';
import { readFolds } from '../folds-artifact.ts';
import { implement } from '../implement.ts';
import { putPredictions, readPredictions, type OutOfFoldLine } from '../out-of-fold.ts';
import { metricsOf, writeReport } from '../report-folder.ts';

type Input = z.output<typeof poolFolds.input>;

/** Puts the predictions of all folds together, checks that none is missing, and reports on them beside the floors of the same folds. */
export const poolFoldsStage = implement(poolFolds, async (input, { artifacts, workDir, metrics }) => {
  const { corpus, corpusName, base, protocol, bootstrapSamples } = input;
  const tagSet = resolveTagSet(input.tagSet);
  const expected = await expectedExamples(artifacts, input, { protocol, tagSet });
  const predictions = input.seeds.flatMap((seed) => expected.map(({ id }) => ({ seed, id })));
  const bySeed = await predictionsBySeed(artifacts, input, expected);
  const pooled = predictions.map(({ seed, id }) => bySeed.get(`${seed} ${id}`) as OutOfFoldLine);
  const report = crossValidationReport(
    {
      corpus: corpusName, protocol, tagSet: tagSet.name, predictions: pooled,
      floors: await pooledFloors(artifacts, input, pooled),
      provenance: { base, corpus: corpus.digest, folds: input.folds.digest, seeds: input.seeds.join(', ') },
    },
    { samples: bootstrapSamples, seed: 0 },
  );
  metrics([...metricsOf(report), ...report.crossValidation.seeds.flatMap((each) => metricsOfSeed(each))]);
  const folder = join(workDir, 'report');
  await writeReport(folder, report);
  return { predictions: await putPredictions(artifacts, pooled), report: await artifacts.putTree('report', folder), summary: crossValidationSummary.parse(report) };
});

interface Expected {
  readonly id: string;
  readonly fold: number;
}

/** The examples that every seed must have a prediction for, in the corpus's order, each with the fold that it is evaluated in. */
async function expectedExamples(artifacts: ArtifactStore, { corpus, folds: ref, seeds, parts }: Input, rule: LabelRule): Promise<Expected[]> {
  const { folds, places } = await readFolds(artifacts, ref);
  const wanted = seeds.flatMap((seed) => Array.from({ length: folds }, (_, fold) => `fold ${fold} of seed ${seed}`));
  const given = parts.map(({ fold, seed }) => `fold ${fold} of seed ${seed}`);
  const missing = wanted.filter((name) => !given.includes(name));
  const strange = given.filter((name, i) => !wanted.includes(name) || given.indexOf(name) !== i);
  if (missing.length + strange.length > 0) {
    throw new AppError('FOLD_MISSING', `A pool must have each of its ${wanted.length} folds once. ${missing.length > 0 ? `Missing: ${missing.join(', ')}.` : ''}${strange.length > 0 ? ` Unexpected or twice: ${strange.join(', ')}.` : ''} Without one the pool would be smaller and pass for the whole.`);
  }
  const expected: Expected[] = [];
  for await (const conversation of corpusConversations(artifacts, corpus)) {
    const place = places.get(conversation.id);
    if (place !== undefined) expected.push(...examplesOf(conversation, rule).map(({ id }) => ({ id, fold: place.fold })));
  }
  return expected;
}

/** Every prediction by seed and example. */
async function predictionsBySeed(artifacts: ArtifactStore, { parts, seeds }: Input, expected: readonly Expected[]): Promise<Map<string, OutOfFoldLine>> {
  const found = new Map<string, OutOfFoldLine>();
  const foldOf = new Map(expected.map(({ id, fold }) => [id, fold]));
  const problems: string[] = [];
  for (const { fold, seed, predictions } of parts) {
    for (const line of await readPredictions(artifacts, predictions)) {
      const key = `${seed} ${line.id}`;
      if (foldOf.get(line.id) !== fold || line.fold !== fold || line.seed !== seed) problems.push(`${line.id} was predicted in fold ${line.fold} of seed ${line.seed}, where it does not belong`);
      else if (found.has(key)) problems.push(`${line.id} was predicted twice under seed ${seed}`);
      else found.set(key, line);
    }
  }
  for (const seed of seeds) for (const { id, fold } of expected) if (!found.has(`${seed} ${id}`)) problems.push(`${id} has no prediction in fold ${fold} of seed ${seed}`);
  if (problems.length === 0) return found;
  throw new AppError('PREDICTIONS_INCOMPLETE', `Every example must be predicted once under each seed, in its own fold. Got ${problems.length} problems: ${problems.slice(0, 5).join('; ')}${problems.length > 5 ? '; …' : ''}.`);
}

/** What the floors, fitted on the same folds, said about each prediction's example. */
async function pooledFloors(artifacts: ArtifactStore, { parts }: Input, pooled: readonly OutOfFoldLine[]): Promise<FloorPredictions[]> {
  const byFold = new Map<number, z.output<typeof floorsArtifact>>();
  for (const { fold, floors } of parts) if (!byFold.has(fold)) byFold.set(fold, await readJson(artifacts, floors, floorsArtifact));
  const positions = new Map([...byFold].map(([fold, { exampleIds }]) => [fold, new Map(exampleIds.map((id, i) => [id, i]))]));
  const rows = byFold.get(0)?.floors ?? [];
  return rows.map(({ name, title }) => ({
    name, title,
    probabilities: pooled.map(({ fold, id }) => {
      const said = byFold.get(fold)?.floors.find((floor) => floor.name === name)?.probabilities[positions.get(fold)?.get(id) ?? -1];
      if (said === undefined) throw new AppError('FLOORS_MISFIT', `The floor ${name} must say something about ${id}, which is evaluated in fold ${fold}. It does not: compute the floors of the same folds.`);
      return said;
    }),
  }));
}

function metricsOfSeed({ seed, macroF1, auc }: CrossValidation['seeds'][number]): { scope: string; name: string; value: number }[] {
  return [{ scope: `seed ${seed}`, name: 'macroF1', value: macroF1 }, ...(auc === null ? [] : [{ scope: `seed ${seed}`, name: 'auc', value: auc }])];
}
