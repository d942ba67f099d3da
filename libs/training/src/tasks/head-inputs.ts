import { PackedScorer } from '../packed-scorer.ts';
import type { TaskContext } from './training-task.ts';

/**
 * What the head gets of every training example with the network as it comes, float32 [n, hidden], for a linear probe: one pass without
 * gradients, exact, so that a run without a checkpoint may simply do it again. undefined where the head begins as it is given, and
 * where a number is not finite: the first step stops then, and says which value of the network it is.
 */
export async function headInputs({ runtime, model, parameters, config, train, sequencesOf }: TaskContext, onBatch: (done: number) => void): Promise<Float32Array | undefined> {
  if (config.headStart !== 'linearProbe') return undefined;
  await using pooler = await PackedScorer.openPooling(runtime, model, { parameters, pooling: config.pooling });
  const pooled = await pooler.score(sequencesOf(train), onBatch);
  return pooled.every(Number.isFinite) ? pooled : undefined;
}
