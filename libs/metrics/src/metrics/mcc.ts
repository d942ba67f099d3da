import type { DecisionMetric } from '../metric.ts';

/**
 * Matthews correlation coefficient of decision and truth, −1 to 1; 0 if a row or column is empty (as in
 * scikit-learn).
 */
export const mcc: DecisionMetric = {
  label: 'MCC',
  better: 'higher',
  needs: 'decisions',
  of({ confusion: { tp, fp, fn, tn } }) {
    const denominator = Math.sqrt(tp + fp) * Math.sqrt(tp + fn) * Math.sqrt(tn + fp) * Math.sqrt(tn + fn);
    return denominator === 0 ? 0 : (tp * tn - fp * fn) / denominator;
  },
};
