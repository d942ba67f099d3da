import type { Metric } from '../metric.ts';

/** The share of right decisions. */
export const accuracy: Metric = {
  label: 'Accuracy',
  better: 'higher',
  of: ({ confusion: { tp, fp, fn, tn } }) => (tp + tn) / (tp + fp + fn + tn),
};
