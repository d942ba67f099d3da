import type { RunId } from '@overture/core';

/**
 * An execution of a run's workflow that is not its first: it continues the one before as new, or Temporal started it when somebody reset the run.
 * The run keeps its id.
 */
export interface LaterExecution {
  /** Temporal's run id. */
  readonly id: string;
  readonly cause: 'continued' | 'reset';
}

/** The activity that opens a run in the registry. */
export interface BeginRunRequest {
  readonly run: RunId;
  readonly execution?: LaterExecution;
  readonly workflowId: string;
  readonly pipeline: string;
  readonly input: unknown;
}

export type RunOutcome = 'completed' | 'failed' | 'cancelled';

/** The activity that closes it, whatever happened. */
export interface EndRunRequest {
  readonly run: RunId;
  readonly execution?: LaterExecution;
  readonly outcome: RunOutcome;
  /** What went wrong, for people. */
  readonly error?: string;
  readonly result?: unknown;
}

/** The activity that keeps what a person asks of a stage at work; the stage looks for it. */
export interface ControlRequest {
  /** Drawn once, so that a repeated activity asks once. */
  readonly id: string;
  readonly run: RunId;
  readonly node: string;
  readonly action: unknown;
  readonly by: string | null;
}

/** The activity that records the failure of a stage whose own activity could not do so: it timed out, say. */
export interface StageFailureRequest {
  readonly run: RunId;
  readonly execution?: LaterExecution;
  readonly node: string;
  readonly stage: string;
  readonly version: number;
  readonly input: unknown;
  readonly message: string;
  readonly code: string;
  /** Temporal's id of the activity, and its last attempt, from 1. */
  readonly activityId: string;
  readonly attempt: number;
  /** Of all attempts together. */
  readonly durationMs: number;
}

/** The activities of the run as a whole; they run on the light queue. */
export interface RunActivities {
  beginRun(request: BeginRunRequest): Promise<void>;
  endRun(request: EndRunRequest): Promise<void>;
  requestControl(request: ControlRequest): Promise<void>;
  recordFailure(request: StageFailureRequest): Promise<void>;
}
