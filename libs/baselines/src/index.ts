export { baselineTable } from './baseline-table.ts';
export type { Baseline, Scorer } from './baseline.ts';
export { alwaysNo } from './baselines/always-no.ts';
export { firstTurnRule } from './baselines/first-turn-rule.ts';
export { tfidfLogisticRegression, type TfidfLogisticRegressionOptions } from './baselines/tfidf-logistic-regression.ts';
export { floorPredictions } from './floor-predictions.ts';
export { fitLogisticRegression, type LogisticRegression, type LogisticRegressionOptions } from './learning/logistic-regression.ts';
export { denseRows, type SparseMatrix } from './text/sparse-matrix.ts';
