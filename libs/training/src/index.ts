export { classWeights, type ClassWeighting } from './class-weights.ts';
export type { Checkpoint, CheckpointStore } from './checkpoints/checkpoint-store.ts';
export { fileCheckpoints } from './checkpoints/file-checkpoints.ts';
export type { ControlSource } from './controls/controls-over-messages.ts';
export type {
  AppliedControl,
  ControlRequest,
  TrainingAction,
  TrainingControls,
} from './controls/training-controls.ts';
export { fineTune } from './fine-tune.ts';
export { type FineTuned, type FineTuneOptions } from './fine-tune-options.ts';
export { fineTuneDefaults, parseFineTuneConfig, type FineTuneConfig } from './fine-tune-config.ts';
export { FlatParameters, type PlacedBlock } from './flat-parameters.ts';
export { GradientStep, type GradientStepOptions } from './gradient-step.ts';
export { type FineTuneJob } from './fine-tune-job.ts';
export { jobDigest } from './job-digest.ts';
export {
  answerTargets,
  answerTokenLoss,
  type AnswerTargets,
  type PromptAndAnswer,
} from './losses/answer-tokens.ts';
export { lossTable, type LossOptions } from './losses/loss-table.ts';
export type { Label, Loss } from './losses/loss.ts';
export { answerTokens, classification, type LabeledBatch, type Objective } from './losses/objective.ts';
export { rateFactor, type Schedule } from './learning-rate.ts';
export { openOptimizer, type Optimizer, type OptimizerOptions } from './optimizers/optimizer.ts';
export { optimizerTable } from './optimizers/optimizer-table.ts';
export { relativeErrors } from './relative-errors.ts';
export { scoringGraph, trainingGraph, type TrainingGraph } from './training-graph.ts';
export { asConfigured, mergedWeights, trainableModel } from './trainable-model.ts';
export type { EpochRecord, EvaluationRecord, StepProgress, TrainingProgress } from './training-progress.ts';
export {
  fineTuneInChild,
  fineTuneOutputs,
  type FineTuneFiles,
  type FineTuneInChildOptions,
  type FineTuneSummary,
  type TrainingLog,
} from './fine-tune-in-child.ts';
export {
  poolInChild,
  type PoolInChildOptions,
  type PoolJob,
  type PoolProgress,
} from './pooling/pool-in-child.ts';
