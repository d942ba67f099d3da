import type { AppliedControl } from './controls/training-controls.ts';

/** One optimizer step. */
export interface StepProgress {
  readonly kind: 'step';
  /** Steps done. */
  readonly step: number;
  readonly totalSteps: number;
  /** 1-based. */
  readonly epoch: number;
  /** The loss of the step's batch, class weights included. */
  readonly loss: number;
  readonly learningRate: number;
  /** ‖gradient‖₂ before clipping. */
  readonly gradientNorm: number;
  /** Real tokens per second since the step before. */
  readonly tokensPerSecond: number;
}

/** What an epoch came to. Scores are null when there is no validation split. */
export interface EpochRecord {
  /** 1-based. */
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

/** What a validation before the end of an epoch came to, with the parameters after a step. */
export type EvaluationRecord = Omit<EpochRecord, 'trainLoss'>;

/** What a training run reports while it works. */
export type TrainingProgress =
  | StepProgress
  /** What somebody asked for takes effect. */
  | { readonly kind: 'controlled'; readonly control: AppliedControl; readonly totalSteps: number }
  | { readonly kind: 'evaluated'; readonly record: EvaluationRecord; readonly totalSteps: number }
  | { readonly kind: 'epoch'; readonly record: EpochRecord; readonly totalSteps: number }
  /** The pass over the training split before the first step, in examples. */
  | { readonly kind: 'probe'; readonly done: number; readonly total: number }
  /** The one pass over the examples through the layers that are frozen, in examples. */
  | { readonly kind: 'activations'; readonly done: number; readonly total: number }
  /** What the frozen layers give does not fit into its memory: every step computes it again. */
  | { readonly kind: 'activationsTooLarge'; readonly bytes: number; readonly budget: number }
  | { readonly kind: 'resumed'; readonly step: number; readonly totalSteps: number };
