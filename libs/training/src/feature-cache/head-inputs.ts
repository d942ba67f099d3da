import { idsOf } from '@overture/tokenization';
import { PackedScorer } from '../packed-scorer.ts';
import type { TaskContext } from '../tasks/training-task.ts';
import { nameOfTokens, originOf } from './feature-cache.ts';

/**
 * Computes the pooled outputs of the pretrained network for these examples, float32 [n, hidden], as inputs of
 * a linear probe. The pass has no gradients and is deterministic, so a run without a checkpoint can repeat
 * it. The cache shares the results with other trainings on the same network, whatever their seed or loss.
 * @returns undefined if the head is not initialized by a probe, or if a value is not finite; the first
 * training step then stops and reports where
 */
export async function headInputs(
  context: TaskContext,
  examples: readonly number[],
  onBatch: (done: number, total: number) => void,
): Promise<Float32Array | undefined> {
  const { runtime, model, parameters, config, tokens, sequencesOf, kept } = context;
  if (config.headStart !== 'linearProbe') return undefined;
  // The last bits of a mean depend on the other sequences in its batch, so means are cached as one group. The
  // output of a single token does not.
  const groups = config.pooling === 'mean' ? [examples] : examples.map((example) => [example]);
  const nameOf = (group: readonly number[]): string =>
    nameOfTokens(group.map((example) => idsOf(tokens, example)));
  const names = kept && groups.map(nameOf);
  const origin =
    kept && originOf({ what: 'pooled', network: model.network, weights: kept.weights, config, runtime });
  const known = (origin && (await kept?.rows.read(origin, names!))) ?? new Map<string, Float32Array>();
  const missing = groups.filter((_, i) => names === undefined || !known.has(names[i]));
  onBatch(examples.length - missing.flat().length, examples.length);
  const { hiddenSize } = model.network.size;
  const computed = new Map<readonly number[], Float32Array>();
  if (missing.length > 0) {
    await using pooler = await PackedScorer.openPooling(runtime, model, {
      parameters,
      pooling: config.pooling,
    });
    const pooled = await pooler.score(sequencesOf(missing.flat()), (done) =>
      onBatch(examples.length - missing.flat().length + done, examples.length),
    );
    if (!pooled.every(Number.isFinite)) return undefined;
    let at = 0;
    for (const group of missing) computed.set(group, pooled.slice(at, (at += group.length * hiddenSize)));
    if (origin !== undefined)
      await kept?.rows.write(origin, new Map(missing.map((group) => [nameOf(group), computed.get(group)!])));
  }
  const all = new Float32Array(examples.length * hiddenSize);
  let at = 0;
  groups.forEach((group, i) => {
    all.set((computed.get(group) ?? known.get(names![i]))!, at);
    at += group.length * hiddenSize;
  });
  return all;
}
