import { AppError, type Digest, type JsonValue } from '@overture/core';
import type { Checkpoint } from './checkpoints/checkpoint-store.ts';
import type { AppliedControl } from './controls/training-controls.ts';
import type { FlatParameters } from './flat-parameters.ts';
import type { EpochRecord, EvaluationRecord } from './training-progress.ts';

/** Position of a run: its state besides parameters and moments. */
export interface TrainingPosition {
  readonly step: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** Number of the epoch's batches done. */
  readonly batch: number;
  /** Sum of the losses of the epoch's batches so far. */
  readonly epochLoss: number;
  readonly history: readonly EpochRecord[];
  /** The best epoch so far, counted from 1; 0 before the first. */
  readonly bestEpoch: number;
  /** Controls that were applied, in order. */
  readonly controls: readonly AppliedControl[];
  /** Evaluations requested during epochs. */
  readonly evaluations: readonly EvaluationRecord[];
}

/** The position before the first step. */
export const startOfTraining: TrainingPosition = {
  step: 0,
  epoch: 0,
  batch: 0,
  epochLoss: 0,
  history: [],
  bestEpoch: 0,
  controls: [],
  evaluations: [],
};

/** The position at which a checkpoint was written. */
export function positionIn({ job: _job, ...position }: Checkpoint['state']): TrainingPosition {
  // checkpoints written before controls existed lack those fields
  return { ...startOfTraining, ...(position as unknown as TrainingPosition) };
}

/** Collects everything needed to resume exactly. `best` are the parameters of the best epoch so far. */
export function toCheckpoint(
  job: Digest,
  position: TrainingPosition,
  parameters: FlatParameters,
  best: Float32Array | undefined,
): Checkpoint {
  const buffers = new Map([['parameters', parameters.values]]);
  parameters.moments.forEach((moment, i) => buffers.set(`moment.${i}`, moment));
  if (parameters.average !== undefined) buffers.set('average', parameters.average);
  if (best !== undefined) buffers.set('best', best);
  return { state: { job, ...(position as unknown as Record<string, JsonValue>) }, buffers };
}

/**
 * Restores a checkpoint's parameters and moments.
 * @throws AppError `CHECKPOINT_OF_ANOTHER_JOB`
 */
export function restoreCheckpoint(
  job: Digest,
  { state, buffers }: Checkpoint,
  parameters: FlatParameters,
): { position: TrainingPosition; best: Float32Array | undefined } {
  const { job: written } = state;
  if (written !== job) {
    throw new AppError(
      'CHECKPOINT_OF_ANOTHER_JOB',
      `A checkpoint must come from the same configuration, tokens and weights (${job}). Got one of ${String(written)}: use an empty checkpoint folder.`,
      {
        details: { expected: job, received: written },
      },
    );
  }
  parameters.values.set(buffers.get('parameters')!);
  parameters.moments.forEach((moment, i) => moment.set(buffers.get(`moment.${i}`)!));
  parameters.average?.set(buffers.get('average')!);
  return { position: positionIn(state), best: buffers.get('best') };
}
