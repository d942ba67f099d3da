import type { SelectionMetric } from '@overture/training-settings';
import type { Model } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import type { TokenSet } from '@overture/tokenization';
import type { FineTuneConfig } from '../fine-tune-config.ts';
import type { FineTuneJob } from '../fine-tune-job.ts';
import type { FlatParameters } from '../flat-parameters.ts';
import type { WeightsFeatureCache } from '../feature-cache/feature-cache.ts';
import type { Label } from '../losses/loss.ts';
import type { Objective } from '../losses/objective.ts';
import type { Sequences } from '../sequences.ts';

import type { EpochRecord } from '../training-progress.ts';

/** Validation metrics of an epoch; null without a validation split or if the task does not compute it. */
export type EpochScores = Pick<
  EpochRecord,
  'validLoss' | 'macroF1' | 'positiveRecall' | 'auc' | 'averagePrecision'
>;

/** The scores without a validation split. */
export const noScores: EpochScores = {
  validLoss: null,
  macroF1: null,
  positiveRecall: null,
  auc: null,
  averagePrecision: null,
};

/** Turns the final model's scores into decisions. */
export interface Calibration {
  readonly threshold: number;
  readonly temperature: number;
}

/** The inputs of a task. */
export interface TaskContext {
  readonly runtime: Runtime;
  /** The model as its graphs are built: only the layers above the frozen ones if their outputs are cached. */
  readonly model: Model;
  readonly parameters: FlatParameters;
  readonly config: FineTuneConfig;
  readonly tokens: TokenSet;
  /** Examples of the splits, by index in the token set. */
  readonly train: readonly number[];
  readonly valid: readonly number[];
  sequencesOf(examples: readonly number[]): Sequences;
  /** Length of the common prefix that `sequencesOf` returns once, as `beginning`. */
  readonly sharedTokens: number;
  /** Default: no cache. */
  readonly kept?: WeightsFeatureCache;
  readonly signal?: AbortSignal;
}

/** A task's part of a training run: objective, labels, head initialization, validation, and calibration. */
export interface TrainingTask {
  readonly objective: Objective;
  /** Factors used in the loss, one per output; empty if the loss has none. */
  readonly classWeights: readonly number[];
  /** Metric that selects the best epoch, for tasks that have only one. */
  readonly selectionMetric?: SelectionMetric;
  labelOf(example: number): Label;
  /** Initializes the head. `onBatch` receives the number of examples done and the total. */
  startHead(onBatch: (done: number, total: number) => void): Promise<void>;
  /** Validates the current parameters. */
  validate(): Promise<EpochScores>;
  /**
   * Calibrates the current parameters. If they are `unchanged` since the last validation, its scores are
   * reused.
   */
  calibrate(unchanged: boolean): Promise<Calibration>;
  close(): Promise<void>;
}

/** A task that can be opened for a job. */
export interface TaskRow {
  /** The objective for building graphs. Class weights are known only after the task is opened. */
  objective(job: FineTuneJob): Objective;
  /** Problems of a job with this task; empty if it fits. */
  problems(job: FineTuneJob): readonly string[];
  open(context: TaskContext): Promise<TrainingTask>;
}
