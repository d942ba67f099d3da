export { baselineTable } from './baseline-table.ts';
export type { Baseline, Scorer } from './baseline.ts';
export { alwaysNo } from './baselines/always-no.ts';
export { firstTurnRule } from './baselines/first-turn-rule.ts';
export {
  tfidfLogisticRegression,
  tfidfTolerance,
  type TfidfLogisticRegressionOptions,
} from './baselines/tfidf-logistic-regression.ts';
export { baselinePredictions } from './baseline-predictions.ts';
export {
  fitLogisticRegression,
  type LogisticRegression,
  type LogisticRegressionOptions,
} from './learning/logistic-regression.ts';
export { markedText } from './text/marked-text.ts';
export { denseRows, type SparseMatrix } from './text/sparse-matrix.ts';
export { fitTfidf, type Tfidf, type TfidfOptions } from './text/tfidf.ts';
export {
  historyFeatures,
  textFeatures,
  type ActModel,
  type TurnView,
  type ViewedExample,
} from './turns/turn-features.ts';
export {
  fitTurnModel,
  type LabeledView,
  type TurnFeatures,
  type TurnModel,
  type TurnModelOptions,
} from './turns/turn-model.ts';
