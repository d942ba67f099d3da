import type { Application, RunState, StageOutcome, StageState } from '@overture/protocol';
import type { JsonValue, RunId } from '@overture/core';
import type { PlanNode, Schedule, TaskState } from '@overture/dag';
import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { runDetails } from './run-details.ts';

/** The query for the state of every stage. */
export const stateQuery = defineQuery<RunState>('state');

/** Details of a stage that the interpreter stores in addition to the schedule. */
export type Extra = Partial<Pick<StageOutcome, 'reused' | 'reasons' | 'durationMs' | 'artifacts'>> & {
  readonly waitsUntil?: string;
  readonly child?: string;
};

/**
 * The run's state, as returned by the query and shown in the Temporal UI. Neither adds events to the history.
 */
export interface StateBoard {
  note(id: string, extra: Extra): void;
  /** All notes so far, for the next execution. */
  notes(): readonly (readonly [string, Extra])[];
  finish(outcome: RunState['status']): void;
  state(): RunState;
  /**
   * Updates the details. Call it once per step of the workflow, because its cost grows with the number of
   * stages.
   */
  show(): void;
}

/** Creates the state of a run and registers the handler of `stateQuery`. */
export function stateBoard(
  run: RunId,
  schedule: Schedule,
  {
    application,
    notes = [],
  }: { readonly application: Application; readonly notes?: readonly (readonly [string, Extra])[] },
): StateBoard {
  const extras = new Map<string, Extra>(notes);
  let outcome: RunState['status'] | undefined;
  // An unchanged task is the same object, so only the rows of changed tasks are computed again.
  const written = new Map<
    string,
    { readonly task: TaskState; readonly extra: Extra | undefined; readonly state: StageState }
  >();
  const stateOf = (task: TaskState): StageState => {
    const extra = extras.get(task.id);
    const before = written.get(task.id);
    if (before?.task === task && before.extra === extra) return before.state;
    const now = stageState(task, extra, {
      inputKeys: task.status === 'parked' ? schedule.inputKeys(task.id) : [],
      controls: schedule.controlsOf(task.id),
    });
    written.set(task.id, { task, extra, state: now });
    return now;
  };
  const state = (): RunState => ({
    run,
    pipeline: schedule.plan.name,
    status:
      outcome ?? (schedule.parked.length > 0 ? 'parked' : schedule.asking.length > 0 ? 'asking' : 'running'),
    stages: schedule.tasks.map(stateOf),
  });
  const show = (): void => setCurrentDetails(runDetails(state(), application));
  setHandler(stateQuery, state, {
    description:
      'The state of every stage: waiting, running, parked (with its input), asking (a gate), done (reused or not), failed.',
  });
  return {
    note: (id, extra) => void extras.set(id, extra),
    notes: () => [...extras],
    finish(status) {
      outcome = status;
      schedule.close();
      show();
    },
    state,
    show,
  };
}

function stageState(
  { id, node, status, attempt, input, overrides, failure }: TaskState,
  extra: Extra = {},
  { inputKeys, controls }: { readonly inputKeys: readonly string[]; readonly controls: readonly JsonValue[] },
): StageState {
  const parked =
    status === 'parked'
      ? {
          input,
          inputKeys,
          skippable: node.skippable === true && id === node.id,
          waitsUntil: extra.waitsUntil,
        }
      : {};
  const asking = status === 'asking' ? { input, question: node.summary } : {};
  return {
    id,
    stage: nameOf(node),
    status,
    ...(attempt > 0 && { attempt }),
    ...(status === 'done' && {
      reused: extra.reused,
      reasons: extra.reasons,
      durationMs: extra.durationMs,
      artifacts: extra.artifacts,
    }),
    ...(failure !== undefined && { error: failure.message, errorCode: failure.code }),
    ...(overrides !== undefined && { overrides }),
    ...(controls.length > 0 && { controls }),
    ...(extra.child !== undefined && { child: extra.child }),
    ...parked,
    ...asking,
  };
}

/** The name of the stage or the pipeline at a node. */
function nameOf(node: PlanNode): string {
  const call = node.kind === 'map' ? node.each : node;
  return call.kind === 'stage' ? call.stage : call.kind === 'pipeline' ? call.pipeline : node.id;
}
