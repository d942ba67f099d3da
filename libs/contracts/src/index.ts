export { CrossValidateFoldInput, CrossValidateInput } from './cross-validate-input.ts';
export type { CrossValidateResult } from './cross-validate-result.ts';
export { crossValidationSummary, type CrossValidationSummary } from './cross-validation-summary.ts';
export { evaluationSummary, type EvaluationSummary } from './evaluation-summary.ts';
export { overture, searchAttributes, taskQueues, type QueueName } from './overture.ts';
export { PromoteInput } from './promote-input.ts';
export type { PromoteResult } from './promote-result.ts';
export { answersUse, baseUse, classifierUse, type BaseUse } from './base-use.ts';
export { createTinyBase, createTinyLanguageModel, fetchBase } from './stages/base-model.ts';
export { budgetArms, networkPass, type NetworkPass } from './stages/budget.ts';
export { computeBaselines } from './stages/compute-baselines.ts';
export { evaluate } from './stages/evaluate.ts';
export { fineTune } from './stages/fine-tune.ts';
export { drawFolds, poolFolds, predictFold, selectFold, takeFoldTokens } from './stages/folds.ts';
export { ingest } from './stages/ingest.ts';
export { supervisedFineTune, promptFold } from './stages/language-model.ts';
export { compareModels, lookUpModels, promote } from './stages/promotion.ts';
export { drawTrials, rankTrials, subsampleTokens } from './stages/sweep.ts';
export { reportStudy } from './stages/report-study.ts';
export { takeArms } from './stages/take-arms.ts';
export { register } from './stages/register.ts';
export { tokenize } from './stages/tokenize.ts';
export { embedTurns, predictFromTurns } from './stages/turns.ts';
export { armFamily, studySummary, type ArmFamily, type StudySummary } from './study-summary.ts';
export {
  dimension,
  searchSpace,
  SweepInput,
  sweepStrategy,
  SweepTrialInput,
  type Dimension,
  type SearchSpace,
} from './sweep-input.ts';
export type { SweepResult } from './sweep-result.ts';
export { armNames, armTable, type ArmName } from './study/arm-table.ts';
export { plannedContrasts, type PlannedContrast } from './study/contrasts.ts';
export type { ArmMethod, StudyArm } from './study/study-arm.ts';
export {
  InitiativeStudyInput,
  StudyBaselinesInput,
  studyPresets,
  studySettings,
  StudyTrialInput,
} from './study-input.ts';
export type { StudyResult } from './study-result.ts';
export { splitName, labelingOptions, type SplitName } from './labeling-options.ts';
export { corpusInput, evaluationInput, TrainInput } from './train-input.ts';
export type { TrainResult } from './train-result.ts';
export { trainingAction, trainingControl, type TrainingAction } from './training-action.ts';
export {
  trainingProgress,
  trainingStageProgress,
  type TrainingProgress,
  type TrainingStageProgress,
} from './training-progress.ts';
