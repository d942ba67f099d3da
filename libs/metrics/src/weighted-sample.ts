import { calibrationBinOf } from './calibration-bins.ts';
import type { Confusion } from './confusion.ts';
import { numberGroups } from './number-groups.ts';
import { checkScoredExamples, type ScoredExamples } from './scored-examples.ts';

/** Decisions without their probabilities. */
export interface ConfusionSample {
  readonly confusion: Confusion;
}

/**
 * Examples prepared for measurement: sorted once by decreasing probability, so that every metric, on every
 * bootstrap resample, is one pass over n numbers. A resample changes only `weights` and `confusion`.
 */
export interface WeightedSample extends ConfusionSample {
  /** n labels (0 or 1), n probabilities and n weights, by decreasing probability. */
  readonly labels: Uint8Array;
  readonly probabilities: Float64Array;
  readonly weights: Float64Array;
  /** The sum of the weights. */
  readonly totalWeight: number;
  /** n values of probability − label, and n squares of them. */
  readonly errors: Float64Array;
  readonly squaredErrors: Float64Array;
  /** The calibration bin of each of the n probabilities. */
  readonly bins: Uint8Array;
  /** For each run of equal probabilities, the index after its last member; the last entry is n. */
  readonly tieEnds: Int32Array;
}

/** Reweights the same examples for each resample. */
export interface Resampler<Sample> {
  /**
   * Groups are numbered by sorted id, so that the order of examples does not affect draws. Without ids, each
   * example is its own group.
   */
  readonly groupCount: number;
  /** The sample with the caller's own weights. */
  readonly original: Sample;
  /** Each example's weight times its group's count. The result may be overwritten by the next call. */
  resample(groupCounts: ArrayLike<number>): Sample;
}

/** A weigher of sorted examples, with everything that a metric may need. */
export type SampleResampler = Resampler<WeightedSample>;

/**
 * Prepares examples for repeated measurement.
 * @param threshold the threshold for predicting initiative: one for all examples, or one per example
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function sampleWeigher(
  examples: ScoredExamples,
  threshold: number | ArrayLike<number>,
): SampleResampler {
  checkScoredExamples(examples);
  const n = examples.labels.length;
  const order = Int32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) => examples.probabilities[b] - examples.probabilities[a] || a - b,
  );
  const labels = Uint8Array.from(order, (i) => examples.labels[i]);
  const probabilities = Float64Array.from(order, (i) => examples.probabilities[i]);
  const ownWeights = Float64Array.from(order, (i) => examples.weights?.[i] ?? 1);
  const { groupOf, groupCount } = numberGroups(examples);
  const groups = Int32Array.from(order, (i) => groupOf[i]);
  const tieEnds = Int32Array.from(findTieEnds(probabilities));
  const decided = decisionsOf(examples.probabilities, threshold);
  const decisions = Uint8Array.from(order, (i) => decided[i]);
  const errors = probabilities.map((p, i) => p - labels[i]);
  const squaredErrors = errors.map((error) => error ** 2);
  const bins = Uint8Array.from(probabilities, calibrationBinOf);
  const withWeights = (weights: Float64Array): WeightedSample => ({
    labels,
    probabilities,
    weights,
    errors,
    squaredErrors,
    bins,
    tieEnds,
    totalWeight: sumOf(weights),
    confusion: countConfusion(labels, weights, decisions),
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

/**
 * Weights decisions by conversation: a resample is one pass over conversations instead of examples. Its
 * confusion matrices equal those of `sampleWeigher`.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function decisionWeigher(
  examples: ScoredExamples,
  threshold: number | ArrayLike<number>,
): Resampler<ConfusionSample> {
  checkScoredExamples(examples);
  const { groupOf, groupCount } = numberGroups(examples);
  const decisions = decisionsOf(examples.probabilities, threshold);
  const [tp, fp, fn, tn] = Array.from({ length: 4 }, () => new Float64Array(groupCount)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < decisions.length; i++) {
    const cell = decisions[i] ? (examples.labels[i] ? tp : fp) : examples.labels[i] ? fn : tn;
    cell[groupOf[i]] += examples.weights?.[i] ?? 1;
  }
  // For a part of the examples, most groups are empty.
  const present = Int32Array.from({ length: groupCount }, (_, group) => group).filter(
    (group) => tp[group] + fp[group] + fn[group] + tn[group] > 0,
  );
  const resample = (groupCounts: ArrayLike<number>): ConfusionSample => {
    const confusion = { tp: 0, fp: 0, fn: 0, tn: 0 };
    for (let k = 0; k < present.length; k++) {
      const group = present[k];
      const times = groupCounts[group];
      confusion.tp += times * tp[group];
      confusion.fp += times * fp[group];
      confusion.fn += times * fn[group];
      confusion.tn += times * tn[group];
    }
    return { confusion };
  };
  return { groupCount, original: resample(new Uint8Array(groupCount).fill(1)), resample };
}

/** uint8 [n]: 1 if initiative is predicted. */
export function decisionsOf(
  probabilities: ArrayLike<number>,
  threshold: number | ArrayLike<number> = 0.5,
): Uint8Array {
  return Uint8Array.from(probabilities, (p, i) =>
    p >= (typeof threshold === 'number' ? threshold : threshold[i]) ? 1 : 0,
  );
}

function findTieEnds(sorted: Float64Array): number[] {
  const ends: number[] = [];
  for (let i = 1; i <= sorted.length; i++)
    if (i === sorted.length || sorted[i] !== sorted[i - 1]) ends.push(i);
  return ends;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/**
 * The weighted confusion matrix of sorted examples.
 * @param decisions 1 if an example is predicted positive
 */
function countConfusion(labels: Uint8Array, weights: Float64Array, decisions: Uint8Array): Confusion {
  let tp = 0;
  let fp = 0;
  let fn = 0;
  let tn = 0;
  for (let i = 0; i < labels.length; i++) {
    if (decisions[i]) {
      if (labels[i]) tp += weights[i];
      else fp += weights[i];
    } else if (labels[i]) fn += weights[i];
    else tn += weights[i];
  }
  return { tp, fp, fn, tn };
}
