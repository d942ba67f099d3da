import type { Digest, RunId } from '@overture/core';
import type { NodeReuse } from '@overture/dag';
import { z } from 'zod';
import { digestSchema, type ArtifactRef } from './artifact-ref.ts';
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

/** The schema of the above, for what an activity returned: somebody may have completed it by hand. The output is the contract's affair. */
export const stageOutcome: z.ZodType<Omit<StageOutcome, 'output'>> = z.looseObject({
  reused: z.boolean(),
  cacheKey: digestSchema,
  durationMs: z.number().min(0),
  reasons: z.array(z.string()).optional(),
  artifacts: z.array(z.looseObject({ kind: z.string(), digest: digestSchema, bytes: z.int().min(0) })),
}) as unknown as z.ZodType<Omit<StageOutcome, 'output'>>;
