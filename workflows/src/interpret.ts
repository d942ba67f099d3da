import type { RunControl } from '@overture/contracts';
import type { RunId } from '@overture/core';
import type { Schedule, Task } from '@overture/dag';
import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { handleRunUpdates } from './run-updates.ts';
import { setSearchable } from './search-attributes.ts';
import { callPipeline } from './pipeline-call.ts';
import { callStage, failureOf, stageFailure, type CallOutcome } from './stage-call.ts';
import type { StateBoard } from './state-board.ts';
import { summaryText } from './summary-text.ts';

type CallTask = Extract<Task, { kind: 'call' }>;

export interface InterpretOptions {
  readonly run: RunId;
  readonly board: StateBoard;
  readonly control: RunControl;
  /** Runs before the first stage. */
  begin(): Promise<void>;
}

/**
 * Drives a schedule to its end on Temporal: tasks are activities, decisions come as Updates, and what is parked waits
 * under a timer.
 * @throws ApplicationFailure of the stage that failed the run, or `RunAborted`; CancelledFailure
 */
export async function interpret(schedule: Schedule, { run, board, control, begin }: InterpretOptions): Promise<void> {
  const root = CancellationScope.current();
  const work = new CancellationScope();
  const timers = new Map<string, CancellationScope>();
  let running = 0;
  let steps = 0;
  let stopped: Error | undefined;

  const stop = (why: Error): void => {
    stopped ??= why;
    schedule.stop();
    work.cancel();
    steps++;
  };
  const call = (task: CallTask): Promise<CallOutcome> => (task.call.kind === 'stage' ? callStage(task, task.call, run) : callPipeline(task, task.call, { control, started: (child) => board.note(task.id, { child }) }));
  const ended = (step: () => readonly Task[]): void => {
    try {
      launch(step());
    } catch (broken) {
      // What a stage gave does not fit the plan: a bug of ours, which must not hang the run.
      stop(ApplicationFailure.nonRetryable((broken as Error).message, 'PlanBroken'));
    }
    running--;
    steps++;
  };
  // One promise a task: the sandbox notes for each where it was made, which is most of what a stage costs here.
  const begun = (task: CallTask): void => {
    running++;
    call(task).then(
      ({ output, reused, reasons, durationMs, artifacts, child }) =>
        ended(() => {
          board.note(task.id, { reused, reasons, durationMs, artifacts, child });
          return schedule.done(task.id, output);
        }),
      (thrown: unknown) =>
        ended(() => {
          if (stopped !== undefined && isCancellation(thrown)) {
            schedule.cancelled(task.id);
            return [];
          }
          const next = schedule.fail(task.id, failureOf(thrown));
          if (schedule.statusOf(task.id) === 'parked') park(task.id);
          return next;
        }),
    );
  };
  const launch = (tasks: readonly Task[]): void => {
    // A gate that asks waits for its Update.
    const calls = tasks.filter((task) => task.kind === 'call');
    if (CancellationScope.current() === work) calls.forEach(begun);
    else void work.run(async () => calls.forEach(begun));
    steps++;
  };
  const park = (id: string): void => {
    const timeoutMs = control.parkTimeoutHours * 3_600_000;
    // The sandbox's clock is that of the workflow's history.
    board.note(id, { waitsUntil: new Date(new Date().getTime() + timeoutMs).toISOString() });
    const timer = new CancellationScope({ cancellable: true, parent: work });
    timers.set(id, timer);
    void timer.run(() => sleep(timeoutMs, { summary: summaryText(`${id} is parked: how long a decision may take`) })).then(
      () => {
        schedule.expire(id);
        steps++;
      },
      () => undefined,
    );
  };
  const decided = (tasks: readonly Task[]): void => {
    // One decision about a map is about all its items.
    for (const [id, timer] of timers) if (schedule.statusOf(id) !== 'parked') timer.cancel();
    launch(tasks);
  };
  handleRunUpdates(schedule, {
    retry: (stage, overrides) => decided(schedule.retry(stage, overrides)),
    skip: (stage) => decided(schedule.skip(stage)),
    decide: (gate, decision) => decided(schedule.decide(gate, decision)),
    abort: (reason) => stop(ApplicationFailure.nonRetryable(`The run was aborted${reason === undefined ? '.' : `: ${reason}`}`, 'RunAborted')),
  });
  root.cancelRequested.catch((cancelled: Error) => stop(cancelled));

  board.show();
  await begin();
  launch(schedule.start());
  let shown = markStatus(schedule, '');
  // What runs is waited for even when the run is cancelled: it may be writing a checkpoint.
  await CancellationScope.nonCancellable(async () => {
    while (running > 0 || !schedule.over) {
      board.show();
      shown = markStatus(schedule, shown);
      const seen = steps;
      await condition(() => steps !== seen);
    }
  });
  for (const timer of timers.values()) timer.cancel();
  if (stopped !== undefined) throw stopped;
  const { failed } = schedule;
  if (failed !== undefined) throw stageFailure(failed.id, failed.failure);
}

/** Keeps the search attributes true when somebody is waited for or no longer; says what they are now. */
function markStatus({ parked, asking, over }: Schedule, shown: string): string {
  const status = parked.length > 0 ? 'parked' : asking.length > 0 ? 'asking' : 'running';
  const now = status === 'running' ? '' : [status, ...parked].join();
  if (now !== shown && !over) setSearchable({ status, failedStages: parked });
  return now;
}
