import { evaluateScores, fitTemperature, tuneThreshold } from '@overture/metrics';

/** A split's labels and what the model says about it. */
export interface ScoredSplit {
  readonly labels: readonly number[];
  /** float32 [n, 2] */
  readonly logits: Float32Array;
}

/** The probability of class 1 by example: softmax of two logits. */
export function probabilitiesOf(logits: Float32Array): Float64Array {
  return Float64Array.from({ length: logits.length / 2 }, (_, i) => 1 / (1 + Math.exp(logits[2 * i] - logits[2 * i + 1])));
}

/** Σ w · −log p(label) / Σ w, with the classes' weights w. */
export function weightedLoss({ labels, logits }: ScoredSplit, weights: readonly [number, number]): number {
  let [sum, total] = [0, 0];
  labels.forEach((label, i) => {
    const margin = logits[2 * i + 1 - label] - logits[2 * i + label]; // other class − own class
    sum += weights[label] * (Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))));
    total += weights[label];
  });
  return sum / total;
}

/** The scores by which epochs are compared, at threshold 0.5. */
export function validationScores({ labels, logits }: ScoredSplit): { macroF1: number; positiveRecall: number | null; auc: number | null } {
  const scores = evaluateScores({ labels, probabilities: probabilitiesOf(logits) }, { bootstrap: false });
  return { macroF1: scores.macroF1, positiveRecall: scores.perClass.initiative.recall, auc: scores.auc };
}

/** The threshold with the best macro-F1 and the temperature with the best likelihood; both from validation labels only. */
export function calibrate({ labels, logits }: ScoredSplit): { threshold: number; temperature: number } {
  const examples = { labels, probabilities: probabilitiesOf(logits) };
  return { threshold: tuneThreshold(examples).threshold, temperature: fitTemperature(examples) };
}
