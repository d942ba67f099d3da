import type {
  Application,
  LaterExecution,
  LookUpActivities,
  RunActivities,
  RunControl,
} from '@overture/protocol';
import type { RunId } from '@overture/core';
import type { Schedule, ScheduleEvent, Task } from '@overture/dag';
import { ApplicationFailure } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  isCancellation,
  log,
  patched,
  sleep,
  uuid4,
} from '@temporalio/workflow';
import { historyMeter } from './history-meter.ts';
import { knownOutcomes } from './known-outcomes.ts';
import { handleRunUpdates } from './run-updates.ts';
import { setSearchable } from './search-attributes.ts';
import { callPipeline } from './pipeline-call.ts';
import { callStage, failureOf, stageFailure, type CallOutcome } from './stage-call.ts';
import type { Extra, StateBoard } from './state-board.ts';
import { outcomeFailure, outputFailure, unrecordedFailure } from './unrecorded-failure.ts';
import { summaryText } from './summary-text.ts';

type CallTask = Extract<Task, { kind: 'call' }>;
/** When ready tasks are looked up before they start: always, only if there are many, or never. */
type LookUpRule = 'any' | 'many' | 'none';

/** Temporal warns at 10 MB and terminates a run at 50 MB. */
const longestHistoryBytes = 8_000_000;

/**
 * Writing the details takes time proportional to the number of stages. They may lag by this many changes, and
 * by at most a quarter of the running stages.
 */
const detailsLag = 50;
/** The number of simultaneously ready stages from which a look-up costs less than it may save. */
const manyReady = 16;

/**
 * Temporal's limit for the arguments of an execution is 2 MB, and the run's input may take half of it. The
 * server fails a run that exceeds the limit.
 */
const maxContinuedBytes = 1_000_000;

/** The state that a run passes to its continuation as a new execution, before its history grows too long. */
export interface ContinueAsNewState {
  /** The run keeps its id: for users and the registry it is one run. */
  readonly run: RunId;
  readonly events: readonly ScheduleEvent[];
  readonly notes: readonly (readonly [string, Extra])[];
}

/** Options of `interpret`. */
export interface InterpretOptions {
  readonly application: Application;
  readonly run: RunId;
  /** The execution of the run's workflow, if it is not the first. */
  readonly execution?: LaterExecution;
  readonly board: StateBoard;
  readonly control: RunControl;
  /** The state of the execution that this one continues. */
  readonly carried?: ContinueAsNewState;
  /** Whether this execution may continue as a new one. */
  readonly continues: boolean;
  /** Stores a control request for a running stage. */
  readonly requestControl: RunActivities['requestControl'];
  /** Records a failure that the stage's own activity could not record. */
  readonly recordFailure: RunActivities['recordFailure'];
  /** Finds the stages whose outputs can be reused. */
  readonly lookUpStages: LookUpActivities['lookUpStages'];
  /** Runs before the first stage of a new run. */
  begin(): Promise<void>;
}

/**
 * Runs a schedule to its end on Temporal: tasks are activities, decisions arrive as Updates, and parked tasks
 * wait with a timer. Once the history is long, no new task starts; when the running ones have ended, a new
 * execution must continue.
 * @returns whether the run is over or must be continued
 * @throws ApplicationFailure of the stage that failed the run, or `RunAborted`; CancelledFailure
 */
export async function interpret(
  schedule: Schedule,
  {
    application,
    run,
    execution,
    board,
    control,
    carried: continued,
    continues,
    requestControl,
    recordFailure,
    lookUpStages,
    begin,
  }: InterpretOptions,
): Promise<'over' | 'continued'> {
  // Runs that started before look-ups existed replay without them.
  const looksUp = patched('look-up-stages');
  const history = historyMeter(patched('history-at-task'));
  const known = knownOutcomes(schedule, board);
  const root = CancellationScope.current();
  const work = new CancellationScope();
  const timers = new Map<string, CancellationScope>();
  let running = 0;
  let steps = 0;
  let stopped: Error | undefined;
  let full = false;
  let mayContinue = continues;
  // Ready tasks that are left to the next execution.
  const postponed: Task[] = [];
  // Restore the state before any Update is processed, because Updates depend on it.
  const open = continued && schedule.resume(continued.events);

  const stop = (why: Error): void => {
    stopped ??= why;
    schedule.stop();
    work.cancel();
    steps++;
  };
  const call = (task: CallTask, together: number): Promise<CallOutcome> =>
    task.call.kind === 'stage'
      ? callStage(task, task.call, { application, run, execution, together })
      : callPipeline(task, task.call, {
          application,
          control,
          started: (child) => board.note(task.id, { child }),
        });
  const ended = (step: () => readonly Task[], lookUp: LookUpRule = 'many'): void => {
    running--;
    try {
      launch(step(), lookUp);
    } catch (broken) {
      // The stage's output does not fit the plan. This is our bug and must not leave the run hanging.
      stop(ApplicationFailure.nonRetryable((broken as Error).message, 'PlanBroken'));
    }
    steps++;
  };
  // One promise per task: the sandbox records the origin of each, which is most of the cost of a stage here.
  const begun = (task: CallTask, together: number): void => {
    running++;
    const beganAt = new Date().getTime();
    const failed = (thrown: unknown): void => {
      const settle = (): void =>
        ended(() => {
          if (stopped !== undefined && isCancellation(thrown)) {
            schedule.canceled(task.id);
            return [];
          }
          const next = schedule.fail(task.id, failureOf(thrown));
          if (schedule.statusOf(task.id) === 'parked') park(task.id);
          return next;
        });
      const unrecorded = unrecordedFailure(task, thrown, { run, execution, beganAt });
      if (unrecorded === undefined || !patched('record-failures')) return settle();
      void recordFailure(unrecorded)
        .catch((error: unknown) =>
          log.warn('The failure of a stage could not be recorded.', {
            stage: task.id,
            reason: failureOf(error).message,
          }),
        )
        .then(settle);
    };
    call(task, together).then(
      (outcome) => {
        history.measure();
        const problem = outcomeFailure(task, outcome);
        // Runs that started before outcomes were checked replay with the recorded ones.
        if (problem !== undefined && patched('check-outcomes')) return failed(problem);
        const invalid = outputFailure(task, outcome, schedule.contractOf(task.id));
        if (invalid !== undefined && patched('check-outputs')) return failed(invalid);
        const { output, reused, reasons, durationMs, artifacts, child } = outcome;
        ended(
          () => {
            board.note(task.id, { reused, reasons, durationMs, artifacts, child });
            return schedule.done(task.id, output);
            // If an output was reused, the next stages' outputs probably exist too. A nested pipeline does
            // not report whether its output was reused.
          },
          (reused ?? child !== undefined) ? 'any' : 'many',
        );
      },
      (thrown: unknown) => {
        history.measure();
        failed(thrown);
      },
    );
  };
  // Look-ups run on the workers of the workflow's queue. The key of a stage on another queue may depend on
  // the machine of that queue's workers.
  const mayBeKnown = ({ call, node, attempt }: CallTask): boolean =>
    looksUp &&
    call.kind === 'stage' &&
    attempt === 1 &&
    node.reuse === undefined &&
    call.queue === application.workflowQueue;
  const lookUp = (asked: readonly CallTask[]): void => {
    running++;
    const answer = async (): Promise<boolean> => {
      const { known: found, more } = await lookUpStages({
        run,
        plan: schedule.plan,
        onStageFailure: control.onStageFailure,
        events: schedule.events,
        asked: asked.map(({ id }) => id),
      });
      known.add(found);
      // A timer ends the workflow task, so that Updates are processed in between and responses stay below
      // gRPC's size limit.
      if (more) {
        await sleep(1);
        history.measure();
      }
      return more;
    };
    void answer()
      .catch((thrown: unknown) => {
        if (!isCancellation(thrown))
          log.warn('Stages could not be looked up together; each looks for itself.', {
            reason: failureOf(thrown).message,
          });
        return false;
      })
      .then((more) =>
        ended(
          () => {
            if (!schedule.over) return asked;
            for (const { id } of asked) schedule.canceled(id);
            return [];
          },
          more ? 'any' : 'none',
        ),
      );
  };
  const launch = (tasks: readonly Task[], rule: LookUpRule = 'many'): void => {
    const { events, bytes } = history.now();
    full ||= mayContinue && (events >= control.continueAfterEvents || bytes >= longestHistoryBytes);
    if (full) {
      postponed.push(...tasks);
      steps++;
      return;
    }
    const calls = known.settle(tasks);
    const candidates = calls.filter(mayBeKnown);
    const asked =
      candidates.length >= (rule === 'none' ? Infinity : rule === 'many' ? manyReady : 1) ? candidates : [];
    const left = asked.length === 0 ? calls : calls.filter((task) => !mayBeKnown(task));
    const together = running + left.length;
    const beginAll = (): void => {
      for (const task of left) begun(task, together);
      if (asked.length > 0) lookUp(asked);
    };
    if (CancellationScope.current() === work) beginAll();
    else void work.run(async () => beginAll());
    steps++;
  };
  const park = (id: string, until?: string): void => {
    // In the sandbox, the clock is that of the workflow's history.
    const now = new Date().getTime();
    const timeoutMs =
      until === undefined
        ? control.parkTimeoutHours * 3_600_000
        : Math.max(1, new Date(until).getTime() - now);
    board.note(id, { waitsUntil: until ?? new Date(now + timeoutMs).toISOString() });
    const timer = new CancellationScope({ cancellable: true, parent: work });
    timers.set(id, timer);
    void timer
      .run(() => sleep(timeoutMs, { summary: summaryText(`${id} is parked: how long a decision may take`) }))
      .then(
        () => {
          schedule.expire(id);
          steps++;
        },
        () => undefined,
      );
  };
  const decided = (tasks: readonly Task[]): void => {
    history.measure();
    // One decision about a map applies to all its items.
    for (const [id, timer] of timers) if (schedule.statusOf(id) !== 'parked') timer.cancel();
    launch(tasks);
  };
  handleRunUpdates(
    schedule,
    {
      retry: (stage, overrides) => decided(schedule.retry(stage, overrides)),
      skip: (stage) => decided(schedule.skip(stage)),
      decide: (gate, decision) => decided(schedule.decide(gate, decision)),
      async control({ stage, action, by }) {
        running++; // keeps the run open until the request is stored
        try {
          await requestControl({ id: uuid4(), run, node: stage, action, by: by ?? null });
        } catch (thrown) {
          const { message, code } = failureOf(thrown);
          throw ApplicationFailure.nonRetryable(
            `The request to ${stage} could not be stored and has no effect: ${message}`,
            code,
          );
        } finally {
          running--;
          steps++;
        }
      },
      abort: (reason) =>
        stop(
          ApplicationFailure.nonRetryable(
            `The run was aborted${reason === undefined ? '.' : `: ${reason}`}`,
            'RunAborted',
          ),
        ),
    },
    application,
  );
  root.cancelRequested.catch((canceled: Error) => stop(canceled));

  board.show();
  if (continued === undefined || open === undefined) {
    await begin();
    launch(schedule.start(), 'any');
  } else {
    launch(open, 'any');
    const waits = new Map(continued.notes);
    for (const id of schedule.parked) park(id, waits.get(id)?.waitsUntil);
  }
  let shown = markStatus(application, schedule, '');
  let writtenAt = -Infinity;
  const carries = (): boolean =>
    new TextEncoder().encode(JSON.stringify([schedule.events, board.notes()])).length <= maxContinuedBytes;
  const isOpen = (): boolean => {
    if (running > 0) return true;
    if (schedule.over) return false;
    if (full && !carries() && patched('carried-limit')) {
      // Too much to pass on: the run continues in this execution.
      full = mayContinue = false;
      launch(postponed.splice(0));
    }
    return !full;
  };
  // Wait for running tasks even if the run is canceled: they may be writing a checkpoint.
  await CancellationScope.nonCancellable(async () => {
    while (isOpen()) {
      const before = shown;
      shown = markStatus(application, schedule, before);
      if (shown !== before || steps - writtenAt >= Math.min(detailsLag, running / 4)) {
        board.show();
        writtenAt = steps;
      }
      const seen = steps;
      await condition(() => steps !== seen);
    }
  });
  for (const timer of timers.values()) timer.cancel();
  if (stopped !== undefined) throw stopped;
  const { failed } = schedule;
  if (failed !== undefined) throw stageFailure(failed.id, failed.failure);
  return schedule.over ? 'over' : 'continued';
}

/**
 * Updates the search attributes when stages or gates start or stop waiting for a user. Returns the current
 * status.
 */
function markStatus(application: Application, { parked, asking, over }: Schedule, shown: string): string {
  const status = parked.length > 0 ? 'parked' : asking.length > 0 ? 'asking' : 'running';
  const now = status === 'running' ? '' : [status, ...parked].join();
  if (now !== shown && !over) setSearchable(application, { status, failedStages: parked });
  return now;
}
