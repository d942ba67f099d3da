import type { Digest, RunId } from '@overture/core';
import type { ArtifactRef } from './artifact-ref.ts';

/** The one argument of a stage's activity, as it stands in the Temporal UI. */
export interface StageRequest {
  readonly run: RunId;
  /** The node of the plan that asks. */
  readonly node: string;
  readonly input: unknown;
}

/** What a stage's activity gives back. */
export interface StageOutcome {
  readonly output: unknown;
  /** Whether an earlier execution's output was used again. */
  readonly reused: boolean;
  readonly cacheKey: Digest;
  readonly durationMs: number;
  /** The artifacts in `output`, for people. */
  readonly artifacts: readonly ArtifactRef[];
}
