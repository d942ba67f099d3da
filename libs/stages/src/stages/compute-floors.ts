import { putJson } from '@overture/artifacts';
import { floorPredictions } from '@overture/baselines';
import { computeFloors } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import { examplesBySplit } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';

/** Fits what every model has to beat on the training split, and asks it about the reported one. */
export const computeFloorsStage = implement(computeFloors, async ({ corpus, protocol, tagSet, split }, { artifacts }) => {
  const rule = { protocol, tagSet: resolveTagSet(tagSet) };
  const examples = await examplesBySplit(artifacts, corpus, { rule, splits: ['train', split] });
  const floors = floorPredictions(examples.train, examples[split]);
  const ref = await putJson(artifacts, 'floors', { split, exampleIds: examples[split].map(({ id }) => id), floors });
  return { floors: ref, names: floors.map(({ name }) => name) };
});
