import type { RunId } from '@overture/core';

/**
 * A later execution of a run's workflow: it continued the previous one as new, or Temporal started it when a
 * user reset the run. The run keeps its id.
 */
export interface LaterExecution {
  /** Temporal's run id. */
  readonly id: string;
  readonly cause: 'continued' | 'reset';
}

/** The argument of the activity that opens a run in the registry. */
export interface BeginRunRequest {
  readonly run: RunId;
  readonly execution?: LaterExecution;
  readonly workflowId: string;
  readonly pipeline: string;
  readonly input: unknown;
}

/** How a run's workflow ended. */
export type RunOutcome = 'completed' | 'failed' | 'cancelled';

/** The argument of the activity that closes a run, regardless of its outcome. */
export interface EndRunRequest {
  readonly run: RunId;
  readonly execution?: LaterExecution;
  readonly outcome: RunOutcome;
  /** The error message, for display. */
  readonly error?: string;
  readonly result?: unknown;
}

/** The argument of the activity that stores a control request for a running stage, which polls for it. */
export interface ControlRequest {
  /** Generated once, so that a retried activity stores one request. */
  readonly id: string;
  readonly run: RunId;
  readonly node: string;
  readonly action: unknown;
  readonly by: string | null;
}

/**
 * The argument of the activity that records a failure that the stage's own activity could not record, for
 * example because it timed out.
 */
export interface StageFailureRequest {
  readonly run: RunId;
  readonly execution?: LaterExecution;
  readonly node: string;
  readonly stage: string;
  readonly version: number;
  readonly input: unknown;
  readonly message: string;
  readonly code: string;
  /** Temporal's id of the activity and the number of its last attempt, from 1. */
  readonly activityId: string;
  readonly attempt: number;
  /** The total duration of all attempts. */
  readonly durationMs: number;
}

/** The activities for a run as a whole. They run on the light queue. */
export interface RunActivities {
  beginRun(request: BeginRunRequest): Promise<void>;
  endRun(request: EndRunRequest): Promise<void>;
  requestControl(request: ControlRequest): Promise<void>;
  recordFailure(request: StageFailureRequest): Promise<void>;
}
