import type { ProbabilityMetric } from '../metric.ts';

/**
 * Average precision: precision at each distinct probability, weighted by the recall gained there, without
 * interpolation (scikit-learn's `average_precision_score`). Undefined (null) without positives, where
 * scikit-learn warns and returns 0.
 */
export const averagePrecision: ProbabilityMetric = {
  label: 'Average precision',
  better: 'higher',
  needs: 'probabilities',
  of({ labels, weights, tieEnds, confusion: { tp, fn } }) {
    const positives = tp + fn;
    if (positives === 0) return null;
    let found = 0;
    let seen = 0;
    let area = 0;
    let i = 0;
    for (let k = 0; k < tieEnds.length; k++) {
      const end = tieEnds[k];
      const foundBefore = found;
      for (; i < end; i++) {
        seen += weights[i];
        if (labels[i]) found += weights[i];
      }
      if (found > foundBefore) area += (found - foundBefore) * (found / seen);
    }
    return area / positives;
  },
};
