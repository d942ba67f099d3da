import { putJson } from '@overture/artifacts';
import { floorPredictions } from '@overture/baselines';
import { computeFloors } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { examplesBySplit } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';

/** Fits the baselines on the training split and predicts the reported split with them. */
export async function fitFloors(
  { corpus, protocol, tagSet, split }: z.output<typeof computeFloors.input>,
  { artifacts, heartbeat }: ComputeContext,
): Promise<z.output<typeof computeFloors.output>> {
  const rule = { protocol, tagSet: resolveTagSet(tagSet) };
  heartbeat({ message: 'reading the corpus' });
  const examples = await examplesBySplit(artifacts, corpus, { rule, splits: ['train', split] });
  const floors = floorPredictions(examples.train, examples[split], {
    onProgress: (title, share) =>
      heartbeat({ message: `fitting ${title}`, done: Math.floor(100 * share), total: 100 }),
  });
  const ref = await putJson(artifacts, 'floors', {
    split,
    exampleIds: examples[split].map(({ id }) => id),
    floors,
  });
  return { floors: ref, names: floors.map(({ name }) => name) };
}

/** `fitFloors` in a child process. */
export const computeFloorsStage = implement(
  computeFloors,
  inChild(import.meta.url, fitFloors, { stage: computeFloors.name }),
);
