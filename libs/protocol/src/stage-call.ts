import type { Digest, RunId } from '@overture/core';
import type { NodeReuse } from '@overture/dag';
import { z } from 'zod';
import { digestSchema, type ArtifactRef } from './artifact-ref.ts';
import type { LaterExecution } from './run-calls.ts';

/** The argument of a stage's activity, as shown in the Temporal UI. */
export interface StageRequest {
  readonly run: RunId;
  /** The requesting execution of the run's workflow, if it is not the first. */
  readonly execution?: LaterExecution;
  /** The node of the plan. */
  readonly node: string;
  readonly input: unknown;
  /** The contract version of the plan. A worker with another version rejects the request. */
  readonly version?: number;
  /** The reuse rule of the node. Default: the cache key decides. */
  readonly reuse?: NodeReuse;
  /**
   * The number of calls of the run that execute at the same time, including this one. Default: 1. Affects
   * only how records are batched.
   */
  readonly together?: number;
}

/** The result of a stage's activity. */
export interface StageOutcome {
  readonly output: unknown;
  /** Whether the output of an earlier execution was reused. */
  readonly reused: boolean;
  readonly cacheKey: Digest;
  readonly durationMs: number;
  /**
   * The reasons, for display, why it ran: for example how its cache key differs from the previous execution.
   * Absent if it was reused or ran for the first time.
   */
  readonly reasons?: readonly string[];
  /** The artifacts in `output`, for display. */
  readonly artifacts: readonly ArtifactRef[];
}

/**
 * The schema of a stage's outcome. Needed because a user may complete an activity by hand. The contract
 * validates the output.
 */
export const stageOutcome: z.ZodType<Omit<StageOutcome, 'output'>> = z.looseObject({
  reused: z.boolean(),
  cacheKey: digestSchema,
  durationMs: z.number().min(0),
  reasons: z.array(z.string()).optional(),
  artifacts: z.array(z.looseObject({ kind: z.string(), digest: digestSchema, bytes: z.int().min(0) })),
}) as unknown as z.ZodType<Omit<StageOutcome, 'output'>>;
