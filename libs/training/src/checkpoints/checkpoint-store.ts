import type { JsonValue } from '@overture/core';

/** Everything needed to go on exactly where a run stopped. */
export interface Checkpoint {
  /** Plain data: position, history, best so far. Random numbers are functions of the position, so they have no state. */
  readonly state: { readonly [key: string]: JsonValue };
  /** float32 buffers by name: parameters, moments, best parameters. */
  readonly buffers: ReadonlyMap<string, Float32Array>;
}

/** Where the checkpoints of one training job are kept. Opening one makes earlier holders of the same job obsolete. */
export interface CheckpointStore {
  /** The newest checkpoint that is whole, whoever wrote it, of those whose state `suits`; undefined when there is none. */
  latest(suits?: (state: Checkpoint['state']) => boolean): Promise<Checkpoint | undefined>;
  /**
   * Keeps a checkpoint, all or nothing, and drops older ones.
   * @throws AppError `CHECKPOINT_SUPERSEDED` when a later attempt has opened the store, `CHECKPOINT_NOT_WRITTEN` (retryable)
   */
  save(checkpoint: Checkpoint): Promise<void>;
}
