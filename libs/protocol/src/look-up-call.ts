import type { RunId } from '@overture/core';
import type { Plan, ScheduleEvent } from '@overture/dag';
import type { StageOutcome } from './stage-call.ts';

/**
 * The request for a look-up of reusable outputs: first for the tasks in `asked`, then for those that their
 * outputs make ready.
 */
export interface LookUpRequest {
  readonly run: RunId;
  readonly plan: Plan;
  readonly onStageFailure: 'park' | 'fail';
  /** The events of the run so far; see `Schedule.events`. */
  readonly events: readonly ScheduleEvent[];
  /** Tasks that are ready but have not started. */
  readonly asked: readonly string[];
}

/** A task whose output can be reused. */
export interface KnownTask {
  readonly id: string;
  readonly outcome: StageOutcome;
}

/** The tasks that need not run, in topological order. They are recorded as reused. */
export interface LookUpAnswer {
  readonly known: readonly KnownTask[];
  /**
   * Whether the answer was cut short because of its size or duration, so that another request may find more.
   */
  readonly more: boolean;
}

/** The activity that looks up many stages at once. It runs on the light queue. */
export interface LookUpActivities {
  lookUpStages(request: LookUpRequest): Promise<LookUpAnswer>;
}
