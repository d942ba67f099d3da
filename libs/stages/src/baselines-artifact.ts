import { readJson, type ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import { AppError } from '@overture/core';
import type { Example } from '@overture/dialogue';
import type { BaselinePredictions } from '@overture/metrics';
import { z } from 'zod';

/** The baselines' predictions for the examples of a split, in corpus order. */
export const baselinesArtifact = z.object({
  split: z.string(),
  exampleIds: z.array(z.string()),
  floors: z.array(
    z.object({ name: z.string(), title: z.string().optional(), probabilities: z.array(z.number()) }),
  ),
});

/**
 * The baselines' predictions for exactly these examples.
 * @throws AppError `FLOORS_MISFIT`
 */
export async function readBaselines(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'floors'>,
  examples: readonly Example[],
): Promise<readonly BaselinePredictions[]> {
  const { exampleIds, floors: baselines, split } = await readJson(artifacts, ref, baselinesArtifact);
  if (exampleIds.length === examples.length && exampleIds.every((id, i) => id === examples[i]?.id))
    return baselines;
  throw new AppError(
    'FLOORS_MISFIT',
    `The floors must be about the examples that are evaluated (${examples.length}). Got floors of split ${split} with ${exampleIds.length}: compute them for the same corpus, protocol and split.`,
  );
}

/**
 * The predictions of baselines fitted on the same folds, each example in its own fold.
 * @throws AppError `FLOORS_MISFIT`
 */
export async function baselinesOfFolds(
  artifacts: ArtifactStore,
  parts: readonly { readonly fold: number; readonly floors: ArtifactRef<'floors'> }[],
  examples: readonly { readonly id: string; readonly fold: number }[],
): Promise<BaselinePredictions[]> {
  const byFold = new Map<number, z.output<typeof baselinesArtifact>>();
  for (const { fold, floors: baselines } of parts)
    if (!byFold.has(fold)) byFold.set(fold, await readJson(artifacts, baselines, baselinesArtifact));
  const positions = new Map(
    [...byFold].map(([fold, { exampleIds }]) => [fold, new Map(exampleIds.map((id, i) => [id, i]))]),
  );
  const rows = byFold.get(0)?.floors ?? [];
  return rows.map(({ name, title }) => ({
    name,
    title,
    probabilities: examples.map(({ fold, id }) => {
      const said = byFold.get(fold)?.floors.find((baseline) => baseline.name === name)?.probabilities[
        positions.get(fold)?.get(id) ?? -1
      ];
      if (said === undefined)
        throw new AppError(
          'FLOORS_MISFIT',
          `The floor ${name} must say something about ${id}, which is evaluated in fold ${fold}. It does not: compute the floors of the same folds.`,
        );
      return said;
    }),
  }));
}
