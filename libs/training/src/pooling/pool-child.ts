import { readFile } from 'node:fs/promises';
import { parseNetwork, readWeights, sequenceClassifier } from '@overture/models';
import { openRuntime, type ChildJob } from '@overture/runtime';
import { FlatParameters } from '../flat-parameters.ts';
import { PackedScorer } from '../packed-scorer.ts';
import type { PoolJob, PoolProgress } from './pool-in-child.ts';

/** The child process's job, started by `poolInChild`. */
const poolChild: ChildJob<PoolJob, Float32Array> = async (
  { weights, modelConfig, sequences, pooling, threads, executionProvider },
  { send, signal },
) => {
  // the head is not used
  const model = sequenceClassifier(parseNetwork(await readFile(modelConfig, 'utf8'), modelConfig), {
    classes: 2,
  });
  const parameters = new FlatParameters(model, 0);
  parameters.load(await readWeights(weights, model, { where: weights, seed: 0 }));
  await using scorer = await PackedScorer.openPooling(openRuntime({ threads, executionProvider }), model, {
    parameters,
    pooling,
  });
  return await scorer.score({ sequences }, (done) => {
    signal.throwIfAborted();
    // a failed send means that the parent is gone and this process is about to end
    send({ done, total: sequences.length } satisfies PoolProgress).catch(() => undefined);
  });
};

export default poolChild;
