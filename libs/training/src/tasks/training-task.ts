import type { Model } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import type { TokenSet } from '@overture/tokenization';
import type { FineTuneConfig } from '../fine-tune-config.ts';
import type { FineTuneJob } from '../fine-tune-job.ts';
import type { FlatParameters } from '../flat-parameters.ts';
import type { KeptFromWeights } from '../kept/kept-rows.ts';
import type { Label } from '../losses/loss.ts';
import type { Objective } from '../losses/objective.ts';
import type { Sequences } from '../sequences.ts';
import type { SelectionMetric } from '../selection.ts';
import type { EpochRecord } from '../training-progress.ts';

/** What an epoch is judged by, on the validation split; null where there is none, or where the task does not know it. */
export type EpochScores = Pick<EpochRecord, 'validLoss' | 'macroF1' | 'positiveRecall' | 'auc' | 'averagePrecision'>;

export const noScores: EpochScores = { validLoss: null, macroF1: null, positiveRecall: null, auc: null, averagePrecision: null };

/** How the finished model's numbers become decisions. */
export interface Calibration {
  readonly threshold: number;
  readonly temperature: number;
}

/** What a task gets to work with. */
export interface TaskContext {
  readonly runtime: Runtime;
  /** As its graphs are recorded: above the frozen layers, where their results are kept. */
  readonly model: Model;
  readonly parameters: FlatParameters;
  readonly config: FineTuneConfig;
  readonly tokens: TokenSet;
  /** Examples of the splits, by their index in the token set. */
  readonly train: readonly number[];
  readonly valid: readonly number[];
  sequencesOf(examples: readonly number[]): Sequences;
  /** Tokens at the start of every example that `sequencesOf` gives once, as a beginning. */
  readonly sharedTokens: number;
  /** Default: kept nowhere. */
  readonly kept?: KeptFromWeights;
  readonly signal?: AbortSignal;
}

/** What a run learns and how it is judged: everything that the loop leaves open. */
export interface TrainingTask {
  readonly objective: Objective;
  /** As used in the loss, one per output; empty where the loss knows none. */
  readonly classWeights: readonly number[];
  /** By what an epoch is the best one, where the task has no choice. */
  readonly selectionMetric?: SelectionMetric;
  labelOf(example: number): Label;
  /** Gives a head its first values; reports how many of the examples that it needs are done. */
  startHead(onBatch: (done: number, total: number) => void): Promise<void>;
  /** With the parameters as they are. */
  validate(): Promise<EpochScores>;
  /** With the parameters as they are; `unchanged` since the last validation, which then need not be done again. */
  calibrate(unchanged: boolean): Promise<Calibration>;
  close(): Promise<void>;
}

/** A task before it is opened. */
export interface TaskRow {
  /** The objective's graph; what a batch weighs is known when the task is opened. */
  objective(job: FineTuneJob): Objective;
  /** What of a job does not suit the task. */
  misfits(job: FineTuneJob): readonly string[];
  open(context: TaskContext): Promise<TrainingTask>;
}
