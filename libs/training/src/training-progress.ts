import type { AppliedControl } from './controls/training-controls.ts';

/** One optimizer step. */
export interface StepProgress {
  readonly kind: 'step';
  /** Number of steps done. */
  readonly step: number;
  readonly totalSteps: number;
  /** Counted from 1. */
  readonly epoch: number;
  /** Loss of the step's batch, including class weights. */
  readonly loss: number;
  readonly learningRate: number;
  /** ‖gradient‖₂ before clipping. */
  readonly gradientNorm: number;
  /** Real tokens per second of this step. */
  readonly tokensPerSecond: number;
}

/** Metrics of an epoch. Scores are null without a validation split. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  readonly step: number;
  /** Mean over the epoch's steps. */
  readonly trainLoss: number;
  /** The same loss on the validation split. */
  readonly validLoss: number | null;
  /** At threshold 0.5. */
  readonly macroF1: number | null;
  readonly positiveRecall: number | null;
  readonly auc: number | null;
  readonly averagePrecision: number | null;
}

/** Metrics of a validation during an epoch, with the parameters after a step. */
export type EvaluationRecord = Omit<EpochRecord, 'trainLoss'>;

/** Progress events of a training run. */
export type TrainingProgress =
  | StepProgress
  /** A control was applied. */
  | { readonly kind: 'controlled'; readonly control: AppliedControl; readonly totalSteps: number }
  | { readonly kind: 'evaluated'; readonly record: EvaluationRecord; readonly totalSteps: number }
  | { readonly kind: 'epoch'; readonly record: EpochRecord; readonly totalSteps: number }
  /** The pass over training examples before the first step; counted in examples. */
  | { readonly kind: 'probe'; readonly done: number; readonly total: number }
  /** The single pass through the frozen layers; counted in examples. */
  | { readonly kind: 'activations'; readonly done: number; readonly total: number }
  /** The outputs of the frozen layers do not fit in their memory, so every step computes them again. */
  | { readonly kind: 'activationsTooLarge'; readonly bytes: number; readonly budget: number }
  | { readonly kind: 'resumed'; readonly step: number; readonly totalSteps: number };
