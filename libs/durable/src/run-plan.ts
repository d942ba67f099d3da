import type {
  Application,
  LaterExecution,
  LookUpActivities,
  RunActivities,
  RunControl,
  RunOutcome,
} from '@overture/protocol';
import { boundedError, type RunId } from '@overture/core';
import { planToMermaid, printPlan, Schedule, type Plan, type Prepared } from '@overture/dag';
import { ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  ContinueAsNew,
  defineQuery,
  isCancellation,
  log,
  proxyLocalActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { interpret, type ContinueAsNewState } from './interpret.ts';
import { setSearchable, type SearchableValues, type StatusValues } from './search-attributes.ts';
import { causeOf } from './stage-call.ts';
import { stateBoard } from './state-board.ts';

/** The query for a run's plan: as data, or as `text` or `mermaid`. */
export const planQuery = defineQuery<Plan | string, ['text' | 'mermaid' | 'json' | undefined]>('plan');

/** The result of a finished plan, with the ids of its run. */
export interface PlanRun<Result> {
  readonly run: RunId;
  readonly workflowId: string;
  readonly result: Result;
}

/** Options of `runPlan`. */
export interface RunPlanOptions<Result> {
  readonly application: Application;
  /** The original input, for the registry. */
  readonly input: unknown;
  readonly control: RunControl;
  /** The state of the execution that this one continues. */
  readonly carried?: ContinueAsNewState;
  /**
   * Continues as a new execution; never returns. Without it, a run continues regardless of the length of its
   * history.
   */
  readonly again?: (continued: ContinueAsNewState) => Promise<never>;
  /** The values of search attributes: those known at the start, and those from the result. */
  readonly searchable?: { readonly start?: SearchableValues; result?(result: Result): SearchableValues };
}

// Local activities: each writes one row, which takes less time than a round trip through the server to
// another worker.
const { beginRun, endRun, requestControl, recordFailure } = proxyLocalActivities<RunActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 20, maximumInterval: '15 seconds' },
});

// Local for the same reason. A failed look-up only costs time: each stage then looks for reusable outputs
// itself.
const { lookUpStages } = proxyLocalActivities<LookUpActivities>({
  startToCloseTimeout: '5 minutes',
  retry: { maximumAttempts: 2 },
});

/**
 * Runs a plan durably. Each stage is an activity of its name on its queue, each nested pipeline a child
 * workflow; they start as soon as their dependencies have finished. A stage that has failed after all retries
 * is parked until a user decides, while other branches continue. With `onStageFailure: 'fail'`, running tasks
 * finish instead, so that their outputs can be reused, and the workflow fails with the stage's own message.
 */
export async function runPlan<Result>(
  prepared: Prepared<Result>,
  { application, input, control, carried: continued, again, searchable = {} }: RunPlanOptions<Result>,
): Promise<PlanRun<Result>> {
  const { workflowId, runId, originalExecutionRunId } = workflowInfo();
  // A reset starts another execution with a part of this history. Anything already recorded in the registry
  // must stay correct.
  const original = originalExecutionRunId || runId;
  const run = continued?.run ?? (`${workflowId}/${original}` as RunId);
  const execution: LaterExecution | undefined =
    run === `${workflowId}/${runId}`
      ? undefined
      : { id: runId, cause: runId === original ? 'continued' : 'reset' };
  const { plan } = prepared;
  const schedule = new Schedule(prepared, { onStageFailure: control.onStageFailure });
  const board = stateBoard(run, schedule, { application, notes: continued?.notes });
  const close = (outcome: RunOutcome, status: StatusValues, values?: SearchableValues): void => {
    board.finish(outcome);
    setSearchable(application, { status: outcome, ...status }, values);
  };
  setHandler(
    planQuery,
    (form) => (form === 'text' ? printPlan(plan) : form === 'mermaid' ? planToMermaid(plan) : plan),
    { description: 'The plan of this run: as data, or with "text" or "mermaid" as argument.' },
  );
  if (continued === undefined) setSearchable(application, { status: 'running' }, searchable.start);
  try {
    const outcome = await interpret(schedule, {
      application,
      run,
      execution,
      board,
      control,
      carried: continued,
      continues: again !== undefined,
      requestControl,
      recordFailure,
      lookUpStages,
      begin: () => beginRun({ run, execution, workflowId, pipeline: plan.name, input }),
    });
    if (outcome === 'continued' && again)
      return await again({ run, events: schedule.events, notes: board.notes() });
    // Safe: the pipeline that built the plan determines the type, and each output was parsed by its stage's
    // schema in the activity.
    const result = schedule.result() as Result;
    await CancellationScope.nonCancellable(() => endRun({ run, execution, outcome: 'completed', result }));
    close('completed', {}, searchable.result?.(result));
    return { run, workflowId, result };
  } catch (thrown) {
    if (thrown instanceof ContinueAsNew) throw thrown;
    const outcome = isCancellation(thrown) ? 'cancelled' : 'failed';
    close(outcome, { failedStages: schedule.failed === undefined ? [] : [schedule.failed.id] });
    const error = boundedError(thrown instanceof ApplicationFailure ? thrown : causeOf(thrown)).message;
    // An unavailable registry must not hide why the run failed.
    await CancellationScope.nonCancellable(() => endRun({ run, execution, outcome, error })).catch(() =>
      log.warn('The run could not be closed in the registry.', { run }),
    );
    throw thrown;
  }
}
