import { calibrationBinCount, calibrationBinOf } from './calibration-bins.ts';
import { initiativeScores, ratio } from './confusion.ts';
import type { ScoredExamples } from './scored-examples.ts';
import { thresholdPoints } from './tune-threshold.ts';
import { sampleWeigher } from './weighted-sample.ts';

/** A point of a ROC curve. `threshold` is null at (0, 0), which no probability reaches. */
export interface RocPoint {
  readonly threshold: number | null;
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}
/** A point of a precision-recall curve. */
export interface PrecisionRecallPoint {
  readonly threshold: number;
  readonly recall: number;
  readonly precision: number;
}
/** One calibration bin [low, high); the last one is closed. Means are null in an empty bin. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly meanProbability: number | null;
  readonly initiativeRate: number | null;
}
/** The scores at one threshold. */
export interface ThresholdSweepPoint {
  readonly threshold: number;
  readonly macroF1: number;
  readonly precision: number;
  readonly recall: number;
}

/** The curves of a report. */
export interface Curves {
  /** Empty unless both classes occur. */
  readonly roc: readonly RocPoint[];
  /** Empty without positives. */
  readonly precisionRecall: readonly PrecisionRecallPoint[];
  readonly calibration: readonly CalibrationBin[];
  readonly thresholdSweep: readonly ThresholdSweepPoint[];
}

/**
 * The points of a report's plots. Each curve is thinned to at most `maxPoints` (default 200) and keeps its
 * ends.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function curvesOf(examples: ScoredExamples, options: { readonly maxPoints?: number } = {}): Curves {
  const maxPoints = options.maxPoints ?? 200;
  const sweep = thresholdPoints(examples)
    .reverse()
    .map(({ threshold, confusion, macroF1 }) => {
      const { precision, recall } = initiativeScores(confusion);
      return { threshold, macroF1, precision, recall };
    });
  return {
    roc: thinned(rocCurve(examples), maxPoints),
    precisionRecall: thinned(precisionRecallCurve(examples), maxPoints),
    calibration: calibrationBins(examples),
    thresholdSweep: thinned(sweep, maxPoints),
  };
}

/** All corners of the ROC curve, from (0, 0) to (1, 1). Points on a straight segment are left out. */
export function rocCurve(examples: ScoredExamples): RocPoint[] {
  const points = cumulativePoints(examples);
  const { tp: positives, fp: negatives } = points[points.length - 1];
  if (positives === 0 || negatives === 0) return [];
  const all = [{ threshold: null, tp: 0, fp: 0 }, ...points];
  const corners = all.filter((point, i) => {
    const [before, after] = [all[i - 1], all[i + 1]];
    return (
      !before ||
      !after ||
      (point.tp - before.tp) * (after.fp - point.fp) !== (after.tp - point.tp) * (point.fp - before.fp)
    );
  });
  return corners.map(({ threshold, tp, fp }) => ({
    threshold,
    falsePositiveRate: fp / negatives,
    truePositiveRate: tp / positives,
  }));
}

/** Precision and recall of "initiative" at every distinct probability, by increasing recall. */
export function precisionRecallCurve(examples: ScoredExamples): PrecisionRecallPoint[] {
  const points = cumulativePoints(examples);
  const positives = points[points.length - 1].tp;
  if (positives === 0) return [];
  return points.map(({ threshold, tp, fp }) => ({
    threshold,
    recall: tp / positives,
    precision: ratio(tp, tp + fp),
  }));
}

/** Mean probability and rate of initiative in ten bins of equal width. */
export function calibrationBins(examples: ScoredExamples): CalibrationBin[] {
  const { labels, probabilities, weights } = sampleWeigher(examples, 0.5).original;
  const bins = Array.from({ length: calibrationBinCount }, () => ({
    n: 0,
    weight: 0,
    probability: 0,
    positives: 0,
  }));
  labels.forEach((label, i) => {
    const bin = bins[calibrationBinOf(probabilities[i])];
    bin.n++;
    bin.weight += weights[i];
    bin.probability += weights[i] * probabilities[i];
    bin.positives += weights[i] * label;
  });
  return bins.map(({ n, weight, probability, positives }, b) => ({
    low: b / calibrationBinCount,
    high: (b + 1) / calibrationBinCount,
    n,
    meanProbability: weight > 0 ? probability / weight : null,
    initiativeRate: weight > 0 ? positives / weight : null,
  }));
}

/**
 * True and false positives at each distinct probability, highest first. Probabilities with zero weight are
 * skipped.
 */
function cumulativePoints(examples: ScoredExamples): { threshold: number; tp: number; fp: number }[] {
  const { labels, probabilities, weights, tieEnds } = sampleWeigher(examples, 0.5).original;
  const points: { threshold: number; tp: number; fp: number }[] = [];
  let [tp, fp, seen, i] = [0, 0, 0, 0];
  for (const end of tieEnds) {
    for (; i < end; i++) {
      if (labels[i]) tp += weights[i];
      else fp += weights[i];
    }
    if (tp + fp > seen) points.push({ threshold: probabilities[end - 1], tp, fp });
    seen = tp + fp;
  }
  return points;
}

/** At most `maxPoints` points, evenly spaced by index, including the first and the last. */
function thinned<T>(points: readonly T[], maxPoints: number): readonly T[] {
  if (points.length <= maxPoints) return points;
  return Array.from(
    { length: maxPoints },
    (_, k) => points[Math.round((k * (points.length - 1)) / (maxPoints - 1))],
  );
}
