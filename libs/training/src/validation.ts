import { evaluateScores, fitTemperature, tuneThreshold } from '@overture/metrics';
import type { Loss } from './losses/loss.ts';

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

/** The mean loss of a split, as in training, in float64. */
export function meanLoss({ labels, logits }: ScoredSplit, loss: Loss, weights: readonly number[]): number {
  const classes = weights.length;
  let [sum, total] = [0, 0];
  labels.forEach((label, i) => {
    sum += loss.of(Array.from(logits.subarray(i * classes, (i + 1) * classes)), loss.targets(label, weights));
    total += loss.share(label, weights);
  });
  return sum / total;
}

/** The scores by which epochs are compared, at threshold 0.5. */
export function validationScores({ labels, logits }: ScoredSplit): { macroF1: number; positiveRecall: number | null; auc: number | null; averagePrecision: number | null } {
  const scores = evaluateScores({ labels, probabilities: probabilitiesOf(logits) }, { bootstrap: false });
  return { macroF1: scores.macroF1, positiveRecall: scores.perClass.initiative.recall, auc: scores.auc, averagePrecision: scores.averagePrecision };
}

/** The threshold with the best macro-F1 and the temperature with the best likelihood; both from validation labels only. */
export function calibrate({ labels, logits }: ScoredSplit): { threshold: number; temperature: number } {
  const examples = { labels, probabilities: probabilitiesOf(logits) };
  return { threshold: tuneThreshold(examples).threshold, temperature: fitTemperature(examples) };
}
