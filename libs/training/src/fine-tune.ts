import { AppError } from '@overture/core';
import { freezeLayers, type Weights } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import type { CheckpointStore } from './checkpoints/checkpoint-store.ts';
import type { AppliedControl, TrainingControls } from './controls/training-controls.ts';
import { checkJob, type FineTuneJob } from './fine-tune-job.ts';
import type { KeptRows } from './kept/kept-rows.ts';
import { checkMemory } from './memory-estimate.ts';
import type { EpochRecord, EvaluationRecord, TrainingProgress } from './training-progress.ts';
import { TrainingRun } from './training-run.ts';

export interface FineTuneOptions extends FineTuneJob {
  readonly runtime: Runtime;
  /** Milliseconds of a monotonic clock, for rates only. */
  readonly now: () => number;
  /** Where to go on from and where to leave checkpoints. Default: none. */
  readonly checkpoints?: CheckpointStore;
  /** Where what the network gives before it has learnt is kept for other trainings on it. Default: nowhere. */
  readonly kept?: KeptRows;
  /** What people ask of the training while it works; looked at between steps. Default: nothing. */
  readonly controls?: TrainingControls;
  /** Honoured between steps. */
  readonly signal?: AbortSignal;
  /** Memory that may be used; what does not fit is refused before it is allocated. Default: not looked at. */
  readonly freeBytes?: number;
  /** Memory for what frozen layers give, which is then computed once and not in every step. Default: 4 GiB, or what is left of `freeBytes`. */
  readonly activationBytes?: number;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface FineTuned {
  /** Of the best epoch; what is frozen is as it came. */
  readonly weights: Weights;
  /** One record per epoch. */
  readonly history: readonly EpochRecord[];
  /** 1-based. */
  readonly bestEpoch: number;
  readonly steps: number;
  /** As used in the loss: [noInitiative, initiative], or of several labels one for each; empty where answers are learnt. */
  readonly classWeights: readonly number[];
  /** Tuned on the validation split of the best epoch; 0.5 without one, and where there are not two classes. */
  readonly threshold: number;
  /** Fitted on the validation split of the best epoch; 1 without one, and where there are not two classes. */
  readonly temperature: number;
  /** What people asked for and has taken effect. */
  readonly controls: readonly AppliedControl[];
  /** What they asked to be evaluated between the ends of epochs. */
  readonly evaluations: readonly EvaluationRecord[];
}

/**
 * Fine-tunes a model for what its head is for: a `sequenceClassifier` of two classes by the tokens' labels, a `multiLabelClassifier` by their
 * flags, a `causalLanguageModel` to write their answers. Returns the epoch that is best on the split "valid" by `selectionMetric` (ties: lower loss; of answers there is the loss alone), which
 * after `patience` epochs without a better one is not the last. Exact: the same job gives the same bits, also when it was interrupted and goes on from a checkpoint, and with the
 * same controls at the same steps. A checkpoint on the way of a training with other controls counts as none.
 * @throws AppError `TRAINING_…`, `CHECKPOINT_…`, `FREEZE_LAYERS_INVALID`; what `signal` was aborted with
 */
export function fineTune(given: FineTuneOptions): Promise<FineTuned> {
  // no frame holds the weights while it trains: those of a language model are half a gigabyte
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
  return await run.toTheEnd(); // awaited here, before the run is closed
}

function checkPlacement({ config: { frozenWeights }, runtime }: FineTuneOptions): void {
  if (frozenWeights === 'float32' || !runtime.separateMemory) return;
  throw new AppError('TRAINING_CONFIG_INVALID', `training.frozenWeights must be "float32" on the execution provider ${runtime.executionProvider}: int8 is how processors multiply faster. Got ${JSON.stringify(frozenWeights)} instead.`);
}
