import type { RunId } from '@overture/core';
import type { Plan, ScheduleEvent } from '@overture/dag';
import type { StageOutcome } from './stage-call.ts';

/** Which tasks of a run need not run. The activity looks up these, and then whatever their outputs make ready. */
export interface LookUpRequest {
  readonly run: RunId;
  readonly plan: Plan;
  readonly onStageFailure: 'park' | 'fail';
  /** What happened in the run so far; see `Schedule.events`. */
  readonly events: readonly ScheduleEvent[];
  /** Tasks that are ready and have not been started. */
  readonly asked: readonly string[];
}

/** A task whose output is known. */
export interface KnownTask {
  readonly id: string;
  readonly outcome: StageOutcome;
}

/** Tasks that need not run, each after those that it needs. They are recorded as reused. */
export interface LookUpAnswer {
  readonly known: readonly KnownTask[];
  /** Whether the answer was cut short for its size, so that asking again finds more. */
  readonly more: boolean;
}

/** The activity that looks up many stages at once; it runs on the light queue. */
export interface LookUpActivities {
  lookUpStages(request: LookUpRequest): Promise<LookUpAnswer>;
}
