import { AppError } from '@overture/core';
import { freezeLayers, type Weights } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import type { CheckpointStore } from './checkpoints/checkpoint-store.ts';
import type { AppliedControl, TrainingControls } from './controls/training-controls.ts';
import { checkJob, type FineTuneJob } from './fine-tune-job.ts';
import type { FeatureCache } from './feature-cache/feature-cache.ts';
import { checkMemory } from './memory-estimate.ts';
import type { EpochRecord, EvaluationRecord, TrainingProgress } from './training-progress.ts';
import { TrainingRun } from './training-run.ts';

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

/**
 * Fine-tunes a model for the task of its head: a `sequenceClassifier` with two classes on the tokens' labels,
 * a `multiLabelClassifier` on their flags, a `causalLanguageModel` on their answers.
 * Returns the weights of the epoch that is best on the split "valid" by `selectionMetric`. Ties go to the
 * lower loss. Causal language modeling always uses the loss. With `patience`, training stops after that many
 * epochs without improvement.
 * Training is deterministic: the same job with the same controls at the same steps returns the same bits,
 * even if it was interrupted and resumed. Checkpoints that were reached with other controls are ignored.
 * @throws AppError `TRAINING_…`, `CHECKPOINT_…`, `FREEZE_LAYERS_INVALID`; or the abort reason of `signal`
 */
export function fineTune(given: FineTuneOptions): Promise<FineTuned> {
  // no stack frame may keep a reference to the weights during training: a language model's have half a
  // gigabyte
  return new Promise<TrainingRun>((resolve) => resolve(opened(given))).then(toTheEnd);
}

function opened(given: FineTuneOptions): Promise<TrainingRun> {
  const options = { ...given, model: freezeLayers(given.model, given.config.freezeLayers) };
  checkJob(options);
  checkPlacement(options);
  if (options.freeBytes !== undefined) checkMemory(options, options.freeBytes);
  return TrainingRun.open(options);
}

async function toTheEnd(started: TrainingRun): Promise<FineTuned> {
  await using run = started;
  return await run.toTheEnd(); // awaited here, so that the run is disposed only afterwards
}

function checkPlacement({ config: { frozenWeights }, runtime }: FineTuneOptions): void {
  if (frozenWeights === 'float32' || !runtime.separateMemory) return;
  throw new AppError(
    'TRAINING_CONFIG_INVALID',
    `training.frozenWeights must be "float32" on the execution provider ${runtime.executionProvider}: int8 is how processors multiply faster. Got ${JSON.stringify(frozenWeights)} instead.`,
  );
}
