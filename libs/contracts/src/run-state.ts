import type { RunId } from '@overture/core';
import type { ArtifactRef } from './artifact-ref.ts';
import type { RunOutcome } from './run-calls.ts';

/** Waiting for others, at work, finished, failed for good, stopped by a cancellation, or never reached. */
export type StageStatus = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'skipped';

/** One row of the table that a run shows. */
export interface StageState {
  readonly id: string;
  readonly stage: string;
  readonly status: StageStatus;
  readonly reused?: boolean;
  /** Why it ran in place of being reused. */
  readonly reasons?: readonly string[];
  readonly durationMs?: number;
  readonly artifacts?: readonly ArtifactRef[];
  readonly error?: string;
}

/** The answer of a run's query `state`. */
export interface RunState {
  readonly run: RunId;
  readonly pipeline: string;
  readonly status: 'running' | RunOutcome;
  readonly stages: readonly StageState[];
}
