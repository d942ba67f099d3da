import { readJson, type ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import { AppError } from '@overture/core';
import { splitInFold, type FoldPlace, type SplitName } from '@overture/dialogue';
import { z } from 'zod';

/** The fold of each conversation in a cross-validation. */
export const foldsArtifact = z.object({
  folds: z.int(),
  conversations: z.array(z.object({ id: z.string(), fold: z.int(), validIn: z.array(z.int()) })),
});

/** The folds of the conversations by id, and the number of folds. */
export async function readFolds(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'folds'>,
): Promise<{ readonly folds: number; readonly places: ReadonlyMap<string, FoldPlace> }> {
  const { folds, conversations } = await readJson(artifacts, ref, foldsArtifact);
  return { folds, places: new Map(conversations.map((place) => [place.id, place])) };
}

/**
 * The split of each conversation in one fold; undefined for conversations outside the cross-validation.
 * @throws AppError `FOLD_UNKNOWN`
 */
export async function splitsOfFold(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'folds'>,
  fold: number,
): Promise<(conversation: string) => SplitName | undefined> {
  const { folds, places } = await readFolds(artifacts, ref);
  if (fold >= folds)
    throw new AppError('FOLD_UNKNOWN', `A fold must be one of 0 to ${folds - 1}. Got ${fold} instead.`);
  return (conversation) => {
    const place = places.get(conversation);
    return place && splitInFold(place, fold);
  };
}
