import { evaluateScores, fitTemperature, tuneThreshold } from '@overture/metrics';
import type { Label, Loss } from './losses/loss.ts';

/** A split's labels and the model's logits. */
export interface ScoredSplit {
  readonly labels: readonly number[];
  /** float32 [n, 2] */
  readonly logits: Float32Array;
}

/** Probability of class 1 for each example: softmax of two logits. */
export function probabilitiesOf(logits: Float32Array): Float64Array {
  return Float64Array.from(
    { length: logits.length / 2 },
    (_, i) => 1 / (1 + Math.exp(logits[2 * i] - logits[2 * i + 1])),
  );
}

/** Mean loss of a split, weighted as in training, in float64. */
export function meanLoss(
  { labels, logits }: { readonly labels: readonly Label[]; readonly logits: Float32Array },
  loss: Loss,
  weights: readonly number[],
): number {
  const classes = weights.length;
  let [sum, total] = [0, 0];
  labels.forEach((label, i) => {
    sum += loss.of(Array.from(logits.subarray(i * classes, (i + 1) * classes)), loss.targets(label, weights));
    total += loss.share(label, weights);
  });
  return sum / total;
}

/** The metrics that compare epochs, at threshold 0.5. */
export function validationScores({ labels, logits }: ScoredSplit): {
  macroF1: number;
  positiveRecall: number | null;
  auc: number | null;
  averagePrecision: number | null;
} {
  const scores = evaluateScores({ labels, probabilities: probabilitiesOf(logits) }, { bootstrap: false });
  return {
    macroF1: scores.macroF1,
    positiveRecall: scores.perClass.initiative.recall,
    auc: scores.auc,
    averagePrecision: scores.averagePrecision,
  };
}

/**
 * The same metrics for several labels, each at threshold 0.5, averaged over the labels. F1 is that of a
 * label's presence, and 0 if it never occurs and is never predicted. AUC and average precision are averaged
 * over the labels for which they are defined.
 * @param scored labels [n][k] of 0 or 1, logits float32 [n, k]
 */
export function labelScores({
  labels,
  logits,
}: {
  readonly labels: readonly (readonly number[])[];
  readonly logits: Float32Array;
}): ReturnType<typeof validationScores> {
  const count = labels[0].length;
  const byLabel = Array.from({ length: count }, (_, label) => {
    const probabilities = Float64Array.from(
      labels,
      (__, i) => 1 / (1 + Math.exp(-logits[i * count + label])),
    );
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

/**
 * Finds the threshold with the best macro-F1 and the temperature with the best likelihood, on the validation
 * split only.
 */
export function calibrate({ labels, logits }: ScoredSplit): { threshold: number; temperature: number } {
  const examples = { labels, probabilities: probabilitiesOf(logits) };
  return { threshold: tuneThreshold(examples).threshold, temperature: fitTemperature(examples) };
}
