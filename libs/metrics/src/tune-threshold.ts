import type { ScoredExamples } from './scored-examples.ts';
import { macroF1 } from './metrics/macro-f1.ts';
import type { Confusion } from './confusion.ts';
import { sampleWeigher } from './weighted-sample.ts';

/** The outcome at one threshold. */
export interface ThresholdPoint {
  readonly threshold: number;
  readonly confusion: Confusion;
  readonly macroF1: number;
}

/**
 * The outcome at every distinct threshold, in decreasing order. Thresholds are halfway between neighboring
 * distinct probabilities (so that a small shift changes no decision), 0.5 and, if they are in [0, 1], one
 * above and one below all probabilities.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function thresholdPoints(examples: ScoredExamples): ThresholdPoint[] {
  const { original: sample } = sampleWeigher(examples, 0.5);
  const distinct = [...sample.tieEnds].map((end) => sample.probabilities[end - 1]);
  const middles = distinct.slice(1).map((lower, i) => (distinct[i] + lower) / 2);
  const candidates = new Set([0.5, ...middles, distinct[distinct.length - 1] / 2]);
  if (distinct[0] < 1) candidates.add((distinct[0] + 1) / 2);
  const { tp, fp, fn, tn } = sample.confusion;
  const counts = { tp: 0, fp: 0, fn: tp + fn, tn: fp + tn };
  let i = 0;
  return [...candidates]
    .sort((a, b) => b - a)
    .map((threshold) => {
      for (; i < sample.labels.length && sample.probabilities[i] >= threshold; i++) {
        counts[sample.labels[i] ? 'tp' : 'fp'] += sample.weights[i];
        counts[sample.labels[i] ? 'fn' : 'tn'] -= sample.weights[i];
      }
      const confusion = { ...counts };
      return { threshold, confusion, macroF1: macroF1.of({ confusion }) as number };
    });
}

/**
 * The threshold with the best macro-F1 on these labels. Ties go to the one nearest to 0.5, then to the lower
 * one. Call it only with labels of a validation split, never with those that are reported.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function tuneThreshold(examples: ScoredExamples): {
  readonly threshold: number;
  readonly macroF1: number;
} {
  const ranked = thresholdPoints(examples).sort(
    (a, b) =>
      b.macroF1 - a.macroF1 ||
      Math.abs(a.threshold - 0.5) - Math.abs(b.threshold - 0.5) ||
      a.threshold - b.threshold,
  );
  return { threshold: ranked[0].threshold, macroF1: ranked[0].macroF1 };
}
