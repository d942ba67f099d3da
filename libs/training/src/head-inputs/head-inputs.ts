import { createHash } from 'node:crypto';
import { canonicalJson, type Digest } from '@overture/core';
import { runtimeVersion } from '@overture/runtime';
import { tensorBytes } from '@overture/tensors';
import { idsOf } from '@overture/tokenization';
import { PackedScorer } from '../packed-scorer.ts';
import type { TaskContext } from '../tasks/training-task.ts';

/**
 * What the head gets of every training example with the network as it comes, float32 [n, hidden], for a linear probe: one pass without
 * gradients, exact, so that a run without a checkpoint may simply do it again. Other trainings on the same network and examples, whatever their seed and their
 * loss, find it where it is kept. undefined where the head begins as it is given, and where a number is not finite: the first step stops then, and says
 * which value of the network it is.
 */
export async function headInputs(context: TaskContext, onBatch: (done: number) => void): Promise<Float32Array | undefined> {
  const { runtime, model, parameters, config, train, sequencesOf, keptHeadInputs: kept } = context;
  if (config.headStart !== 'linearProbe') return undefined;
  const key = kept && keyOf(context);
  const known = key && (await kept.read(key));
  if (known?.length === train.length * model.network.size.hiddenSize) {
    onBatch(train.length);
    return known;
  }
  await using pooler = await PackedScorer.openPooling(runtime, model, { parameters, pooling: config.pooling });
  const pooled = await pooler.score(sequencesOf(train), onBatch);
  if (!pooled.every(Number.isFinite)) return undefined;
  if (key !== undefined) await kept?.write(key, pooled);
  return pooled;
}

/** Everything that the numbers depend on, the examples in their order included: it decides how they are batched. Adapters add nothing before they have learnt. */
function keyOf({ runtime: { executionProvider }, model: { network }, weights, config: { pooling, freezeLayers }, tokens, train }: TaskContext): Digest {
  const hash = createHash('sha256');
  hash.update(canonicalJson({ network: network.configJson(), pooling, freezeLayers, runtime: runtimeVersion(), platform: `${process.platform}-${process.arch}`, ...(executionProvider !== 'cpu' && { executionProvider }) }));
  for (const { name } of network.parameters.flatMap(({ parts }) => parts)) hash.update(name).update(tensorBytes(weights.get(name)!)); // `parameters` has loaded them
  for (const ids of train.map((example) => idsOf(tokens, example))) hash.update(`${ids.length}:`).update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  return `sha256:${hash.digest('hex')}` as Digest;
}
