import type { Scores } from './evaluate-scores.ts';
import type { McNemar } from './mcnemar.ts';
import type { TestedDifference } from './paired-test.ts';

/** The scores of one part of the predictions, without intervals. */
export type PartScores = Pick<Scores, 'n' | 'macroF1' | 'auc' | 'balancedAccuracy'> & {
  readonly initiativeRecall: number;
};

/** Model minus baseline over all folds and seeds, at 0.5. */
export interface BaselineTest {
  readonly name: string;
  readonly title: string;
  readonly macroF1: TestedDifference;
  readonly auc: TestedDifference;
  /** One per seed: repeated predictions for one example are not independent. */
  readonly mcnemar: readonly (McNemar & { readonly seed: number })[];
}

/** The results that a cross-validation adds to a report. */
export interface CrossValidation {
  readonly seeds: readonly (PartScores & { readonly seed: number })[];
  readonly folds: readonly (PartScores & {
    readonly seed: number;
    readonly fold: number;
    readonly threshold: number;
  })[];
  readonly tests: readonly BaselineTest[];
}
