import type { JsonValue, RunId } from '@overture/core';
import type { ArtifactRef } from './artifact-ref.ts';
import type { RunOutcome } from './run-calls.ts';

/**
 * Waiting for others, at work, parked until a person decides what becomes of its failure, a gate that asks a person,
 * finished, failed for good, left out by a condition or a decision, stopped with the run, or never reached.
 */
export type StageStatus = 'waiting' | 'running' | 'parked' | 'asking' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'unreached';

/** One row of the table that a run shows: a stage, an item of a map, a pipeline within, a gate. */
export interface StageState {
  readonly id: string;
  readonly stage: string;
  readonly status: StageStatus;
  /** How often the run started it: more than 1 after `retryStage`. */
  readonly attempt?: number;
  readonly reused?: boolean;
  /** Why it ran in place of being reused. */
  readonly reasons?: readonly string[];
  readonly durationMs?: number;
  readonly artifacts?: readonly ArtifactRef[];
  readonly error?: string;
  /** The error's code. */
  readonly errorCode?: string;
  /** Of a parked stage: what it was given; of a gate: what it is to be decided on. */
  readonly input?: unknown;
  /** Of a parked stage: the keys that its input may have, those left out included. */
  readonly inputKeys?: readonly string[];
  /** What people changed in its input, as one merge patch. */
  readonly overrides?: { readonly [key: string]: JsonValue | undefined };
  /** Of a gate that asks. */
  readonly question?: string;
  /** Of a pipeline within: the workflow that runs it. */
  readonly child?: string;
  /** Of a stage at work: whether `controlTraining` is possible. */
  readonly controllable?: boolean;
  /** Of a parked stage: whether `skipStage` is possible. */
  readonly skippable?: boolean;
  /** Of a parked stage: when the run fails if nobody decides; ISO 8601. */
  readonly waitsUntil?: string;
}

/** The answer of a run's query `state`. */
export interface RunState {
  readonly run: RunId;
  readonly pipeline: string;
  /** `parked` and `asking`: at least one stage or gate waits for a person; others may be at work. */
  readonly status: 'running' | 'parked' | 'asking' | RunOutcome;
  readonly stages: readonly StageState[];
}
