import type { JsonValue } from '@overture/core';

/** Everything needed to resume a run exactly where it stopped. */
export interface Checkpoint {
  /**
   * Plain data: position, history, best epoch so far. Random numbers are functions of the position, so there
   * is no generator state.
   */
  readonly state: { readonly [key: string]: JsonValue };
  /** float32 buffers by name: parameters, moments, average, best parameters. */
  readonly buffers: ReadonlyMap<string, Float32Array>;
}

/**
 * Stores the checkpoints of one training job. Opening a store supersedes every store that was opened earlier
 * for the same job.
 */
export interface CheckpointStore {
  /**
   * Reads the newest complete checkpoint, from any attempt, whose state `suits`; undefined if there is none.
   */
  latest(suits?: (state: Checkpoint['state']) => boolean): Promise<Checkpoint | undefined>;
  /**
   * Writes a checkpoint atomically and deletes older ones.
   * @throws AppError `CHECKPOINT_SUPERSEDED` if a later attempt has opened the store,
   * `CHECKPOINT_NOT_WRITTEN` (retryable)
   */
  save(checkpoint: Checkpoint): Promise<void>;
}
