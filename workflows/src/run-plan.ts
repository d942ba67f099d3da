import type { LaterExecution, LookUpActivities, RunActivities, RunControl, RunOutcome } from '@overture/contracts';
import { boundedError, type RunId } from '@overture/core';
import { planToMermaid, printPlan, Schedule, type Plan, type Prepared } from '@overture/dag';
import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, ContinueAsNew, defineQuery, isCancellation, log, proxyLocalActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import { interpret, type Carried } from './interpret.ts';
import { setSearchable, type SearchableValues } from './search-attributes.ts';
import { causeOf } from './stage-call.ts';
import { stateBoard } from './state-board.ts';

/** The plan of the run: as data, or as `text` or `mermaid`. */
export const planQuery = defineQuery<Plan | string, ['text' | 'mermaid' | 'json' | undefined]>('plan');

/** What a finished plan gave, and which run it was. */
export interface PlanRun<Result> {
  readonly run: RunId;
  readonly workflowId: string;
  readonly result: Result;
}

/** A run as its workflow asks for it. */
export interface RunPlanOptions<Result> {
  /** As it was given, for the registry. */
  readonly input: unknown;
  readonly control: RunControl;
  /** Where the run stood that this one goes on from. */
  readonly carried?: Carried;
  /** Starts the run that goes on from this one, and never returns; left out, a run goes on however long its history grows. */
  readonly again?: (carried: Carried) => Promise<never>;
  /** What people search runs by: known at the start, and from the result. */
  readonly searchable?: { readonly start?: SearchableValues; result?(result: Result): SearchableValues };
}

// A row each, written by the worker that has the workflow's task anyway: a way over the server and back would take longer than the rows.
const { beginRun, endRun, requestControl, recordFailure } = proxyLocalActivities<RunActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 20, maximumInterval: '15 seconds' },
});

// Written by the same worker for the same reason. A look-up that fails costs time only: each stage then looks for itself.
const { lookUpStages } = proxyLocalActivities<LookUpActivities>({ startToCloseTimeout: '5 minutes', retry: { maximumAttempts: 2 } });

/**
 * Runs a plan durably: each stage is an activity of its name on its queue, each pipeline within it a child workflow,
 * started as soon as everything that it needs is there. A stage that has failed for good is parked until a person decides, while other
 * branches go on; or, with `onStageFailure: 'fail'`, what runs already finishes, so that its work can be reused, and
 * the workflow fails with the stage's own message.
 */
export async function runPlan<Result>(prepared: Prepared<Result>, { input, control, carried, again, searchable = {} }: RunPlanOptions<Result>): Promise<PlanRun<Result>> {
  const { workflowId, runId, originalExecutionRunId } = workflowInfo();
  // A reset starts another execution with the history of this one up to a point: what the registry was told there must stay true.
  const original = originalExecutionRunId || runId;
  const run = carried?.run ?? (`${workflowId}/${original}` as RunId);
  const execution: LaterExecution | undefined = run === `${workflowId}/${runId}` ? undefined : { id: runId, cause: runId === original ? 'continued' : 'reset' };
  const { plan } = prepared;
  const schedule = new Schedule(prepared, { onStageFailure: control.onStageFailure });
  const board = stateBoard(run, schedule, carried?.notes);
  const close = (outcome: RunOutcome, values: SearchableValues): void => {
    board.finish(outcome);
    setSearchable({ status: outcome, ...values });
  };
  setHandler(planQuery, (form) => (form === 'text' ? printPlan(plan) : form === 'mermaid' ? planToMermaid(plan) : plan), { description: 'The plan of this run: as data, or with "text" or "mermaid" as argument.' });
  if (carried === undefined) setSearchable({ status: 'running', ...searchable.start });
  try {
    const outcome = await interpret(schedule, { run, execution, board, control, carried, continues: again !== undefined, requestControl, recordFailure, lookUpStages, begin: () => beginRun({ run, execution, workflowId, pipeline: plan.name, input }) });
    if (outcome === 'continued' && again) return await again({ run, events: schedule.events, notes: board.notes() });
    // Typed by the pipeline that made the plan; each output was parsed by its stage's schema in the activity.
    const result = schedule.result() as Result;
    await CancellationScope.nonCancellable(() => endRun({ run, execution, outcome: 'completed', result }));
    close('completed', searchable.result?.(result) ?? {});
    return { run, workflowId, result };
  } catch (thrown) {
    if (thrown instanceof ContinueAsNew) throw thrown;
    const outcome = isCancellation(thrown) ? 'cancelled' : 'failed';
    close(outcome, { failedStages: schedule.failed === undefined ? [] : [schedule.failed.id] });
    const error = boundedError(thrown instanceof ApplicationFailure ? thrown : causeOf(thrown)).message;
    // A registry that cannot be reached must not hide why the run failed.
    await CancellationScope.nonCancellable(() => endRun({ run, execution, outcome, error })).catch(() => log.warn('The run could not be closed in the registry.', { run }));
    throw thrown;
  }
}
