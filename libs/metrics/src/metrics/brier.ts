import type { ProbabilityMetric } from '../metric.ts';

/** Brier score: the mean squared difference between probability and label, from 0 (best) to 1. */
export const brier: ProbabilityMetric = {
  label: 'Brier score',
  better: 'lower',
  needs: 'probabilities',
  of({ squaredErrors, weights, totalWeight }) {
    let loss = 0;
    for (let i = 0; i < weights.length; i++) loss += weights[i] * squaredErrors[i];
    return loss / totalWeight;
  },
};
