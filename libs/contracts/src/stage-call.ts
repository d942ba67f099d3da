import type { Digest, RunId } from '@overture/core';
import type { NodeReuse } from '@overture/dag';
import type { ArtifactRef } from './artifact-ref.ts';
import type { LaterExecution } from './run-calls.ts';

/** The one argument of a stage's activity, as it stands in the Temporal UI. */
export interface StageRequest {
  readonly run: RunId;
  /** Which execution of the run's workflow asks, where it is not the first. */
  readonly execution?: LaterExecution;
  /** The node of the plan that asks. */
  readonly node: string;
  readonly input: unknown;
  /** The contract's version that the plan was made for; a worker with another one refuses. */
  readonly version?: number;
  /** What a person said about reuse; default: the cache key decides. */
  readonly reuse?: NodeReuse;
  /** How many calls of the run are under way with it; default: it alone. Changes nothing but how records are written. */
  readonly together?: number;
}

/** What a stage's activity gives back. */
export interface StageOutcome {
  readonly output: unknown;
  /** Whether an earlier execution's output was used again. */
  readonly reused: boolean;
  readonly cacheKey: Digest;
  readonly durationMs: number;
  /** Why it ran, for people: what of its cache key differs from the execution before, say. Absent when it was reused or the first. */
  readonly reasons?: readonly string[];
  /** The artifacts in `output`, for people. */
  readonly artifacts: readonly ArtifactRef[];
}
