export {
  bootstrapDraws,
  defaultBootstrap,
  drawResamples,
  pairedDifference,
  percentileInterval,
  type BootstrapDraws,
  type BootstrapOptions,
  type Difference,
  type Interval,
  type Resamples,
} from './bootstrap.ts';
export { initiativeScores, noInitiativeScores, type ClassScores, type Confusion } from './confusion.ts';
export {
  calibrationBins,
  curvesOf,
  precisionRecallCurve,
  rocCurve,
  type CalibrationBin,
  type Curves,
  type PrecisionRecallPoint,
  type RocPoint,
  type ThresholdSweepPoint,
} from './curves.ts';
export {
  evaluateScores,
  type EvaluateOptions,
  type Intervals,
  type PerClass,
  type Scores,
} from './evaluate-scores.ts';
export {
  evaluationReport,
  type EvaluationInput,
  type EvaluationReport,
  type BaselinePredictions,
  type BaselineScores,
  type ModelChoice,
  type ThresholdScores,
} from './evaluation-report.ts';
export {
  crossValidationReport,
  type CrossValidationInput,
  type CrossValidationReport,
  type OutOfFoldPrediction,
} from './cross-validation-report.ts';
export { type CrossValidation, type BaselineTest, type PartScores } from './cross-validation.ts';
export { mcnemar, type McNemar } from './mcnemar.ts';
export { metricNames, metricTable, type MetricName } from './metric-table.ts';
export type { DecisionMetric, Metric, ProbabilityMetric, Statistic } from './metric.ts';
export {
  pairedTest,
  testedDifference,
  type ComparedPredictions,
  type Drawn,
  type TestedDifference,
} from './paired-test.ts';
export { checkScoredExamples, type ScoredExamples } from './scored-examples.ts';
export { slicesBy, turnSliceName, type SliceScores } from './slices.ts';
export { applyTemperature, fitTemperature } from './temperature.ts';
export { thresholdPoints, tuneThreshold, type ThresholdPoint } from './tune-threshold.ts';
export {
  decisionWeigher,
  sampleWeigher,
  type ConfusionSample as Decided,
  type SampleResampler,
  type WeightedSample,
  type Resampler,
} from './weighted-sample.ts';
export { ensembleProbabilities, type EnsembleMember } from './ensemble.ts';
export { holm } from './holm.ts';
export { simultaneousDifference } from './simultaneous-test.ts';
export type { ArmReport, TrainingScores } from './study/arm-report.ts';
export type { ArmScores } from './study/arm-scores.ts';
export type { Contrast, Unanswered } from './study/contrasts.ts';
export type { CostCurve } from './study/cost-curve.ts';
export type {
  ArmCost,
  ArmFamily,
  PlannedContrast,
  Slicing,
  StudyArm,
  StudyExample,
  StudyInput,
  StudyPart,
  StudyTraining,
} from './study/study-input.ts';
export { studyReport, type StudyReport, type StudySummary } from './study/study-report.ts';
export type { ArmSlice, StudySlice } from './study/study-slices.ts';
