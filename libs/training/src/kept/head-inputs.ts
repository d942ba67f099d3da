import { idsOf } from '@overture/tokenization';
import { PackedScorer } from '../packed-scorer.ts';
import type { TaskContext } from '../tasks/training-task.ts';
import { nameOfTokens, originOf } from './kept-rows.ts';

/**
 * What the head gets of each of these examples with the network as it comes, float32 [n, hidden], for a linear probe: one pass without
 * gradients, exact, so that a run without a checkpoint may simply do it again. Other trainings on the same network, whatever their seed and their
 * loss, find it where it is kept. undefined where the head begins as it is given, and where a number is not finite: the first step stops then, and says
 * which value of the network it is.
 */
export async function headInputs(context: TaskContext, examples: readonly number[], onBatch: (done: number, total: number) => void): Promise<Float32Array | undefined> {
  const { runtime, model, parameters, config, tokens, sequencesOf, kept } = context;
  if (config.headStart !== 'linearProbe') return undefined;
  // A mean's last bits depend on what else was in its batch, so means are kept together; what one token is, does not.
  const groups = config.pooling === 'mean' ? [examples] : examples.map((example) => [example]);
  const nameOf = (group: readonly number[]): string => nameOfTokens(group.map((example) => idsOf(tokens, example)));
  const names = kept && groups.map(nameOf);
  const origin = kept && originOf({ what: 'pooled', network: model.network, weights: kept.weights, config, runtime });
  const known = (origin && (await kept?.rows.read(origin, names!))) ?? new Map<string, Float32Array>();
  const missing = groups.filter((_, i) => names === undefined || !known.has(names[i]));
  onBatch(examples.length - missing.flat().length, examples.length);
  const { hiddenSize } = model.network.size;
  const computed = new Map<readonly number[], Float32Array>();
  if (missing.length > 0) {
    await using pooler = await PackedScorer.openPooling(runtime, model, { parameters, pooling: config.pooling });
    const pooled = await pooler.score(sequencesOf(missing.flat()), (done) => onBatch(examples.length - missing.flat().length + done, examples.length));
    if (!pooled.every(Number.isFinite)) return undefined;
    let at = 0;
    for (const group of missing) computed.set(group, pooled.slice(at, (at += group.length * hiddenSize)));
    if (origin !== undefined) await kept?.rows.write(origin, new Map(missing.map((group) => [nameOf(group), computed.get(group)!])));
  }
  const all = new Float32Array(examples.length * hiddenSize);
  let at = 0;
  groups.forEach((group, i) => {
    all.set((computed.get(group) ?? known.get(names![i]))!, at);
    at += group.length * hiddenSize;
  });
  return all;
}
