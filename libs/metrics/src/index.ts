export {
  bootstrapDraws, defaultBootstrap, pairedDifference, percentileInterval,
  type BootstrapDraws, type BootstrapOptions, type Difference, type Interval,
} from './bootstrap.ts';
export { initiativeScores, noInitiativeScores, type ClassScores, type Confusion } from './confusion.ts';
export {
  calibrationBins, curvesOf, precisionRecallCurve, rocCurve,
  type CalibrationBin, type Curves, type PrecisionRecallPoint, type RocPoint, type ThresholdSweepPoint,
} from './curves.ts';
export { evaluateScores, type EvaluateOptions, type Intervals, type PerClass, type Scores } from './evaluate-scores.ts';
export {
  evaluationReport,
  type EvaluationInput, type EvaluationReport, type FloorPredictions, type FloorScores, type ModelChoice, type ThresholdScores,
} from './evaluation-report.ts';
export { crossValidationReport, type CrossValidation, type CrossValidationInput, type CrossValidationReport, type FloorTest, type OutOfFoldPrediction, type PartScores } from './cross-validation-report.ts';
export { mcnemar, type McNemar } from './mcnemar.ts';
export { metricNames, metricTable, type MetricName } from './metric-table.ts';
export type { Metric, Statistic } from './metric.ts';
export { pairedTest, type Contestant, type TestedDifference } from './paired-test.ts';
export { checkScoredExamples, type ScoredExamples } from './scored-examples.ts';
export { slicesBy, turnSliceName, type SliceScores } from './slices.ts';
export { applyTemperature, fitTemperature } from './temperature.ts';
export { thresholdPoints, tuneThreshold, type ThresholdPoint } from './tune-threshold.ts';
export { sampleWeigher, type SampleWeigher, type WeightedSample } from './weighted-sample.ts';
