import type { Weights } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import type { CheckpointStore } from './checkpoints/checkpoint-store.ts';
import type { AppliedControl, TrainingControls } from './controls/training-controls.ts';
import type { FineTuneJob } from './fine-tune-job.ts';
import type { FeatureCache } from './feature-cache/feature-cache.ts';
import type { EpochRecord, EvaluationRecord, TrainingProgress } from './training-progress.ts';

/** Inputs and options of `fineTune`. */
export interface FineTuneOptions extends FineTuneJob {
  readonly runtime: Runtime;
  /** Milliseconds of a monotonic clock; used only for rates. */
  readonly now: () => number;
  /** Store for checkpoints, from which training also resumes. Default: none. */
  readonly checkpoints?: CheckpointStore;
  /** Cache of features of the pretrained network, shared by trainings. Default: none. */
  readonly kept?: FeatureCache;
  /** Control requests, polled between steps. Default: none. */
  readonly controls?: TrainingControls;
  /** Checked between steps. */
  readonly signal?: AbortSignal;
  /** Memory limit in bytes; a job that needs more is rejected before allocation. Default: no limit. */
  readonly freeBytes?: number;
  /**
   * Memory in bytes for the outputs of frozen layers, which are then computed once and not in every step.
   * Default: 4 GiB, or the rest of `freeBytes` if that is less.
   */
  readonly activationBytes?: number;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** Result of `fineTune`. */
export interface FineTuned {
  /** Weights of the best epoch; frozen weights are unchanged. */
  readonly weights: Weights;
  /** One record per epoch. */
  readonly history: readonly EpochRecord[];
  /** Counted from 1. */
  readonly bestEpoch: number;
  readonly steps: number;
  /**
   * Factors used in the loss: [noInitiative, initiative], one per label for several labels, or empty for
   * causal language modeling.
   */
  readonly classWeights: readonly number[];
  /**
   * Tuned on the validation split of the best epoch; 0.5 without a validation split or for tasks without two
   * classes.
   */
  readonly threshold: number;
  /**
   * Fitted on the validation split of the best epoch; 1 without a validation split or for tasks without two
   * classes.
   */
  readonly temperature: number;
  /** Controls that were applied. */
  readonly controls: readonly AppliedControl[];
  /** Evaluations that were requested during epochs. */
  readonly evaluations: readonly EvaluationRecord[];
}
