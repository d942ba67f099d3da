import type { DecisionMetric } from '../metric.ts';

/** The share of correct decisions. */
export const accuracy: DecisionMetric = {
  label: 'Accuracy',
  better: 'higher',
  needs: 'decisions',
  of: ({ confusion: { tp, fp, fn, tn } }) => (tp + tn) / (tp + fp + fn + tn),
};
