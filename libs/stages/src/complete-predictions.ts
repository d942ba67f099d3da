import type { ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import { AppError } from '@overture/core';
import { examplesOf, type Example, type LabelRule } from '@overture/dialogue';
import { corpusConversations } from './corpus-artifact.ts';
import { readFolds } from './folds-artifact.ts';
import { readPredictions, type OutOfFoldLine } from './out-of-fold.ts';

/** An example that needs a prediction, with the fold in which it is evaluated. */
export interface ExpectedExample extends Example {
  readonly fold: number;
}

/** The examples for which every training must have a prediction, in corpus order, and the number of folds. */
export async function expectedExamples(
  artifacts: ArtifactStore,
  refs: { readonly corpus: ArtifactRef<'corpus'>; readonly folds: ArtifactRef<'folds'> },
  rule: LabelRule,
): Promise<{ readonly expected: readonly ExpectedExample[]; readonly folds: number }> {
  const { folds, places } = await readFolds(artifacts, refs.folds);
  const expected: ExpectedExample[] = [];
  for await (const conversation of corpusConversations(artifacts, refs.corpus)) {
    const place = places.get(conversation.id);
    if (place !== undefined)
      expected.push(...examplesOf(conversation, rule).map((example) => ({ ...example, fold: place.fold })));
  }
  return { expected, folds };
}

/**
 * Checks that every wanted part is present exactly once, and no other.
 * @param whole the name of the whole, for messages
 * @throws AppError `FOLD_MISSING`
 */
export function assertWhole(whole: string, wanted: readonly string[], given: readonly string[]): void {
  const [want, got] = [new Set(wanted), new Set(given)];
  const missing = wanted.filter((name) => !got.has(name));
  const strange = given.filter((name, i) => !want.has(name) || given.indexOf(name) !== i);
  if (missing.length + strange.length === 0) return;
  throw new AppError(
    'FOLD_MISSING',
    `A ${whole} must have each of its ${wanted.length} folds once. ${missing.length > 0 ? `Missing: ${missing.join(', ')}.` : ''}${strange.length > 0 ? ` Unexpected or twice: ${strange.join(', ')}.` : ''} Without one the ${whole} would be smaller and pass for the whole.`,
  );
}

/** The predictions of one training, in the order of the expected examples. */
export interface TrainingLines {
  readonly seed: number;
  readonly lines: readonly OutOfFoldLine[];
}

/**
 * The predictions of each training of one predictor, over all folds.
 * @param of the predictor's name, for messages
 * @throws AppError `PREDICTIONS_INCOMPLETE`
 */
export async function trainingsOf(
  artifacts: ArtifactStore,
  {
    seeds,
    parts,
    of,
  }: {
    readonly seeds: readonly number[];
    readonly parts: readonly {
      readonly fold: number;
      readonly seed: number;
      readonly predictions: ArtifactRef<'predictions'>;
    }[];
    readonly of?: string;
  },
  expected: readonly ExpectedExample[],
): Promise<TrainingLines[]> {
  const found = new Map<string, OutOfFoldLine>();
  const exampleOf = new Map(expected.map((example) => [example.id, example]));
  const problems: string[] = [];
  for (const { fold, seed, predictions } of parts) {
    for (const line of await readPredictions(artifacts, predictions)) {
      const key = `${seed} ${line.id}`;
      const example = exampleOf.get(line.id);
      if (example?.fold !== fold || line.fold !== fold || line.seed !== seed)
        problems.push(
          `${line.id} was predicted in fold ${line.fold} of seed ${line.seed}, where it does not belong`,
        );
      else if (line.label !== example.label)
        problems.push(
          `${line.id} was predicted with the label ${line.label}, but is labeled ${example.label} by this protocol and tag set`,
        );
      else if (found.has(key)) problems.push(`${line.id} was predicted twice under seed ${seed}`);
      else found.set(key, line);
    }
  }
  const trainings = seeds.map((seed) => ({
    seed,
    lines: expected.flatMap(({ id, fold }) => {
      const line = found.get(`${seed} ${id}`);
      if (line === undefined) problems.push(`${id} has no prediction in fold ${fold} of seed ${seed}`);
      return line ?? [];
    }),
  }));
  if (problems.length === 0) return trainings;
  throw new AppError(
    'PREDICTIONS_INCOMPLETE',
    `Every example must be predicted once under each seed, in its own fold${of === undefined ? '' : `, by ${of}`}. Got ${problems.length} problems: ${problems.slice(0, 5).join('; ')}${problems.length > 5 ? '; …' : ''}.`,
  );
}
