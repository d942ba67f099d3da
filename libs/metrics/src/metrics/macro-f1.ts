import { initiativeScores, noInitiativeScores } from '../confusion.ts';
import type { DecisionMetric } from '../metric.ts';

/**
 * The unweighted mean of both classes' F1. Both classes always count, even if one is neither true nor
 * predicted (its F1 is then 0): scikit-learn's `f1_score(labels=[0, 1], average='macro', zero_division=0)`.
 */
export const macroF1: DecisionMetric = {
  label: 'Macro-F1',
  better: 'higher',
  needs: 'decisions',
  of: ({ confusion }) => (initiativeScores(confusion).f1 + noInitiativeScores(confusion).f1) / 2,
};
