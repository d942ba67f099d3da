import type { DecisionMetric } from '../metric.ts';

/**
 * The mean recall of the classes that occur. With one class only, that class's recall (as in scikit-learn).
 */
export const balancedAccuracy: DecisionMetric = {
  label: 'Balanced accuracy',
  better: 'higher',
  needs: 'decisions',
  of({ confusion: { tp, fp, fn, tn } }) {
    const recalls = [
      [tp, tp + fn],
      [tn, tn + fp],
    ]
      .filter(([, support]) => support > 0)
      .map(([right, support]) => right / support);
    return recalls.reduce((total, recall) => total + recall, 0) / recalls.length;
  },
};
