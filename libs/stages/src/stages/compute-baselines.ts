import { putJson } from '@overture/artifacts';
import { baselinePredictions } from '@overture/baselines';
import { computeBaselines } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { examplesBySplit } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';

/** Fits the baselines on the training split and predicts the reported split with them. */
export async function fitBaselines(
  { corpus, protocol, tagSet, split }: z.output<typeof computeBaselines.input>,
  { artifacts, heartbeat }: ComputeContext,
): Promise<z.output<typeof computeBaselines.output>> {
  const rule = { protocol, tagSet: resolveTagSet(tagSet) };
  heartbeat({ message: 'reading the corpus' });
  const examples = await examplesBySplit(artifacts, corpus, { rule, splits: ['train', split] });
  const baselines = baselinePredictions(examples.train, examples[split], {
    onProgress: (title, share) =>
      heartbeat({ message: `fitting ${title}`, done: Math.floor(100 * share), total: 100 }),
  });
  const ref = await putJson(artifacts, 'floors', {
    split,
    exampleIds: examples[split].map(({ id }) => id),
    floors: baselines,
  });
  return { floors: ref, names: baselines.map(({ name }) => name) };
}

/** `fitBaselines` in a child process. */
export const computeBaselinesStage = implement(
  computeBaselines,
  inChild(import.meta.url, fitBaselines, { stage: computeBaselines.name }),
);
