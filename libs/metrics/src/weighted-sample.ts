import { checkScoredExamples, type ScoredExamples } from './scored-examples.ts';
import type { Confusion } from './confusion.ts';

/**
 * Examples ready to be measured: sorted by falling probability once, so that every metric, on every bootstrap
 * resample, is one pass over n numbers. A resample changes `weights` and `confusion` only.
 */
export interface WeightedSample {
  /** n labels (0 or 1), n probabilities and n weights, by falling probability. */
  readonly labels: Uint8Array;
  readonly probabilities: Float64Array;
  readonly weights: Float64Array;
  /** For each run of equal probabilities, the index after its last member; the last entry is n. */
  readonly tieEnds: Int32Array;
  readonly confusion: Confusion;
}

/** Weighs the same sorted examples again and again. */
export interface SampleWeigher {
  /** Groups are numbered by sorted id, so that the order of examples changes no draw; without ids each example is one. */
  readonly groupCount: number;
  /** The sample with the caller's own weights. */
  readonly original: WeightedSample;
  /** Each example's weight times its group's count. The result is one buffer, overwritten by the next call. */
  resample(groupCounts: ArrayLike<number>): WeightedSample;
}

/**
 * @param threshold from which probability on initiative is predicted: for all examples, or one for each
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function sampleWeigher(examples: ScoredExamples, threshold: number | ArrayLike<number>): SampleWeigher {
  checkScoredExamples(examples);
  const n = examples.labels.length;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => examples.probabilities[b] - examples.probabilities[a] || a - b);
  const labels = Uint8Array.from(order, (i) => examples.labels[i]);
  const probabilities = Float64Array.from(order, (i) => examples.probabilities[i]);
  const ownWeights = Float64Array.from(order, (i) => examples.weights?.[i] ?? 1);
  const { groupOf, groupCount } = numberGroups(examples);
  const groups = Int32Array.from(order, (i) => groupOf[i]);
  const tieEnds = Int32Array.from(findTieEnds(probabilities));
  const thresholdOf = (i: number): number => (typeof threshold === 'number' ? threshold : threshold[i]);
  const decisions = Uint8Array.from(order, (i) => (examples.probabilities[i] >= thresholdOf(i) ? 1 : 0));
  const withWeights = (weights: Float64Array): WeightedSample => ({
    labels, probabilities, weights, tieEnds, confusion: countConfusion(labels, weights, decisions),
  });
  const buffer = new Float64Array(n);
  return {
    groupCount,
    original: withWeights(ownWeights),
    resample(groupCounts) {
      for (let i = 0; i < n; i++) buffer[i] = ownWeights[i] * groupCounts[groups[i]];
      return withWeights(buffer);
    },
  };
}

function numberGroups({ labels, groups }: ScoredExamples): { groupOf: Int32Array; groupCount: number } {
  if (!groups) return { groupOf: Int32Array.from({ length: labels.length }, (_, i) => i), groupCount: labels.length };
  const ids = [...new Set(Array.from(groups))].sort();
  const numbers = new Map(ids.map((id, number) => [id, number]));
  const groupOf = Int32Array.from({ length: groups.length }, (_, i) => numbers.get(groups[i]) as number);
  return { groupOf, groupCount: numbers.size };
}

function findTieEnds(sorted: Float64Array): number[] {
  const ends: number[] = [];
  for (let i = 1; i <= sorted.length; i++) if (i === sorted.length || sorted[i] !== sorted[i - 1]) ends.push(i);
  return ends;
}

/** `decisions`: 1 where a sorted example is predicted positive. */
function countConfusion(labels: Uint8Array, weights: Float64Array, decisions: Uint8Array): Confusion {
  let [tp, fp, fn, tn] = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (decisions[i]) {
      if (labels[i]) tp += weights[i];
      else fp += weights[i];
    } else if (labels[i]) fn += weights[i];
    else tn += weights[i];
  }
  return { tp, fp, fn, tn };
}
