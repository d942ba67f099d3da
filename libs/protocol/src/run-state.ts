import type { JsonValue, RunId } from '@overture/core';
import type { ArtifactRef } from './artifact-ref.ts';
import type { RunOutcome } from './run-calls.ts';

/**
 * The status of a stage in a run. `waiting`: its dependencies have not finished. `parked`: it failed, and a
 * user must decide how to proceed. `asking`: it is a gate that waits for a user. `failed`: it failed after
 * all retries. `skipped`: the run continues without its output. `cancelled`: it was stopped with the run.
 * `unreached`: the run ended before it could start.
 */
export type StageStatus =
  'waiting' | 'running' | 'parked' | 'asking' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'unreached';

/** One row of a run's table: a stage, an item of a map, a nested pipeline or a gate. */
export interface StageState {
  readonly id: string;
  readonly stage: string;
  readonly status: StageStatus;
  /** The number of starts; more than 1 after `retryStage`. */
  readonly attempt?: number;
  readonly reused?: boolean;
  /** The reasons why it ran instead of being reused. */
  readonly reasons?: readonly string[];
  readonly durationMs?: number;
  readonly artifacts?: readonly ArtifactRef[];
  readonly error?: string;
  /** The error's code. */
  readonly errorCode?: string;
  /** For a parked stage, its input; for a gate, the information for the decision. */
  readonly input?: unknown;
  /** For a parked stage, all keys of its input, including those left out. */
  readonly inputKeys?: readonly string[];
  /** The user's changes to its input, as one merge patch. */
  readonly overrides?: { readonly [key: string]: JsonValue | undefined };
  /** For a gate that waits for a user, the question. */
  readonly question?: string;
  /** For a nested pipeline, the id of its child workflow. */
  readonly child?: string;
  /** For a running stage that accepts control requests, examples of their actions. */
  readonly controls?: readonly JsonValue[];
  /** For a parked stage, whether `skipStage` is possible. */
  readonly skippable?: boolean;
  /** For a parked stage, when the run fails if nobody decides; ISO 8601. */
  readonly waitsUntil?: string;
}

/** The result of a run's query `state`. */
export interface RunState {
  readonly run: RunId;
  readonly pipeline: string;
  /** `parked` and `asking`: at least one stage or gate waits for a user; others may be running. */
  readonly status: 'running' | 'parked' | 'asking' | RunOutcome;
  readonly stages: readonly StageState[];
}
