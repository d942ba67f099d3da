import type { Baseline } from './baseline.ts';
import { alwaysNo } from './baselines/always-no.ts';
import { firstTurnRule } from './baselines/first-turn-rule.ts';
import { tfidfLogisticRegression } from './baselines/tfidf-logistic-regression.ts';

/** Every baseline of a report, weakest first. To add one: a file in `baselines/` and a row here. */
export const baselineTable: readonly Baseline[] = [
  alwaysNo,
  firstTurnRule,
  tfidfLogisticRegression({
    name: 'tfidfUnweighted',
    title: 'TF-IDF + logistic regression, unweighted',
    classWeight: 'none',
  }),
  tfidfLogisticRegression({
    name: 'tfidfBalanced',
    title: 'TF-IDF + logistic regression, balanced weights',
    classWeight: 'balanced',
  }),
];
