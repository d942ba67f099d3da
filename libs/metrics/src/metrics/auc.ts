import type { ProbabilityMetric } from '../metric.ts';

/**
 * Area under the ROC curve: the probability that a positive example ranks above a negative one, with ties
 * counting one half. Undefined (null) unless both classes occur.
 */
export const auc: ProbabilityMetric = {
  label: 'ROC AUC',
  better: 'higher',
  needs: 'probabilities',
  of({ labels, weights, tieEnds, confusion: { tp, fp, fn, tn } }) {
    const [positives, negatives] = [tp + fn, fp + tn];
    if (positives === 0 || negatives === 0) return null;
    let above = 0;
    let area = 0;
    let i = 0;
    for (let k = 0; k < tieEnds.length; k++) {
      const end = tieEnds[k];
      let tiedPositives = 0;
      let tiedNegatives = 0;
      for (; i < end; i++) {
        if (labels[i]) tiedPositives += weights[i];
        else tiedNegatives += weights[i];
      }
      area += tiedNegatives * (above + tiedPositives / 2);
      above += tiedPositives;
    }
    return area / (positives * negatives);
  },
};
