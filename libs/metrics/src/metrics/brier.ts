import type { ProbabilityMetric } from '../metric.ts';

/** Brier score: the mean squared distance of probability and label, 0 (best) to 1. */
export const brier: ProbabilityMetric = {
  label: 'Brier score',
  better: 'lower',
  needs: 'probabilities',
  of({ labels, probabilities, weights }) {
    let loss = 0;
    let total = 0;
    for (let i = 0; i < labels.length; i++) {
      loss += weights[i] * (probabilities[i] - labels[i]) ** 2;
      total += weights[i];
    }
    return loss / total;
  },
};
