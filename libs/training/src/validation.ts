import { evaluateScores, fitTemperature, tuneThreshold } from '@overture/metrics';
import type { Label, Loss } from './losses/loss.ts';

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
export function meanLoss({ labels, logits }: { readonly labels: readonly Label[]; readonly logits: Float32Array }, loss: Loss, weights: readonly number[]): number {
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

/**
 * The same where several labels may hold at once, each at threshold 0.5: means over the labels. F1 is that of a label's presence, 0 where
 * it never is and is never said; areas are means over the labels for which they are defined.
 * @param scored labels [n][k] of 0 or 1, logits float32 [n, k]
 */
export function labelScores({ labels, logits }: { readonly labels: readonly (readonly number[])[]; readonly logits: Float32Array }): ReturnType<typeof validationScores> {
  const count = labels[0].length;
  const byLabel = Array.from({ length: count }, (_, label) => {
    const probabilities = Float64Array.from(labels, (__, i) => 1 / (1 + Math.exp(-logits[i * count + label])));
    return evaluateScores({ labels: labels.map((row) => row[label]), probabilities }, { bootstrap: false });
  });
  const mean = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    macroF1: mean(byLabel.map(({ perClass }) => perClass.initiative.f1))!,
    positiveRecall: mean(byLabel.map(({ perClass }) => perClass.initiative.recall)),
    auc: mean(byLabel.map(({ auc }) => auc)),
    averagePrecision: mean(byLabel.map(({ averagePrecision }) => averagePrecision)),
  };
}

/** The threshold with the best macro-F1 and the temperature with the best likelihood; both from validation labels only. */
export function calibrate({ labels, logits }: ScoredSplit): { threshold: number; temperature: number } {
  const examples = { labels, probabilities: probabilitiesOf(logits) };
  return { threshold: tuneThreshold(examples).threshold, temperature: fitTemperature(examples) };
}
