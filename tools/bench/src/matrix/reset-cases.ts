import { randomUUID } from 'node:crypto';
import type { MatrixCase } from './matrix-case.ts';
import { allPoints, resetEventOf, type ResetPoint } from './reset-points.ts';
import { runIn, runStates } from './run-states.ts';
import { Subject, type Retrying } from './subject.ts';
import { problemsOf } from './verify-case.ts';

/** What happens after a reset: the cause was fixed before, or the stage parks and is retried. */
type FollowUp = 'go on' | Retrying;

/** One reset. */
interface ResetCase {
  readonly state: string;
  readonly point: ResetPoint;
  readonly then: FollowUp;
  /** The execution to reset. Default: the latest one. */
  readonly of?: 'the first execution' | 'the child';
}

const followUps: readonly FollowUp[] = ['go on', 'retry', 'override'];

/** In a run whose nested pipeline has not ended. */
const pointsBeforeChildEnds = [
  'the first workflow task',
  'the look-up and its timer',
  'a stage',
  'an item of the map',
  'the start of the child',
  'a signal in the middle of an activity',
  'the last workflow task',
] as const;
const ends = ['the first workflow task', 'the last workflow task'] as const;

const resets: readonly ResetCase[] = Object.entries(runStates).flatMap(
  ([state, { start, at, over }]): ResetCase[] => {
    if (start?.continues)
      return (['the first execution', undefined] as const).flatMap((of) => cross(state, ends, of));
    if (at === 'look-up')
      return cross(state, ['the first workflow task', 'beginRun', 'the last workflow task']);
    if (at === 'inner') return [...cross(state, pointsBeforeChildEnds), ...cross(state, ends, 'the child')];
    return [
      ...cross(state, allPoints),
      ...(over ? cross(state, ['the first workflow task'], 'the child') : []),
    ];
  },
);

function cross(state: string, points: readonly ResetPoint[], of?: ResetCase['of']): ResetCase[] {
  return points.flatMap((point) => followUps.map((then) => ({ state, point, then, of }))).filter(isPossible);
}

/** Whether a stage is left that may fail after the reset. */
function isPossible({ state, point, then, of }: ResetCase): boolean {
  if (then === 'go on') return true;
  if (endsAgain(state, point, of)) return false;
  // Where a continued run continued last depends on how its events were grouped into workflow tasks.
  if (state === 'continued, completed' && of === undefined) return false;
  const workIsDone = state === 'asking' || state === 'completed';
  if (workIsDone && (point === 'an Update' || point === 'the last workflow task') && of === undefined)
    return false;
  // The outputs of a child that has ended are reused.
  return !(of === 'the child' && runStates[state]!.over);
}

/** Whether the request to cancel is before the point, so that the run is canceled again. */
function endsAgain(state: string, point: ResetPoint, of: ResetCase['of']): boolean {
  return state === 'cancelled' && point === 'the last workflow task' && of === undefined;
}

/** Resets of runs in every state to every kind of point, each continued in every way. */
export const resetCases: readonly MatrixCase[] = resets.map(({ state, point, then, of }) => ({
  name: `reset, ${state}${of === undefined ? '' : `, ${of}`}, to ${point}, ${then}`,
  async run(world, id) {
    const { gates } = world;
    const { held, over, at } = runStates[state]!;
    const subject = new Subject(world, id);
    await runIn(subject, state);
    const before = over ? await subject.status() : undefined;
    const failing = at === 'inner' ? 'inner' : 'work';
    const fix = (): void => {
      gates.set(id, failing, then === 'go on' ? 'pass' : 'fail');
      gates.set(id, 'look-up', 'pass');
    };
    // A stage that is held must be held when its run is reset.
    if (!held) fix();
    const workflowId = of === 'the child' ? subject.part : id;
    await reset(subject, workflowId, point, of === 'the first execution');
    if (held) fix();
    if (over && of === 'the child') {
      await subject.until('the end of the child', async () =>
        (await subject.status(workflowId)) === 'COMPLETED' ? true : undefined,
      );
      return problemsOf(subject, { status: before! });
    }
    if (endsAgain(state, point, of)) {
      await subject.ended();
      return problemsOf(subject, { status: 'CANCELLED' });
    }
    const retries = await subject.drive(
      then === 'override' ? 'override' : 'retry',
      () => then === 'retry' && gates.set(id, failing, 'pass'),
    );
    const problems = await problemsOf(subject, {
      status: 'COMPLETED',
      value:
        then === 'override'
          ? failing === 'work'
            ? 'replaced+work'
            : 'replaced+inner+side+work'
          : 'v+prepare+inner+side+work',
    });
    if (then !== 'go on' && retries === 0) problems.push('no stage was parked after the reset');
    return problems;
  },
}));

/** Resets an execution as the Temporal UI does, without the decisions that ended it. */
export async function reset(
  subject: Subject,
  workflowId: string,
  point: ResetPoint,
  first = false,
): Promise<void> {
  const { client } = subject.world;
  // The run may just have continued as a new execution, whose history has no completed workflow task yet.
  const { runId, event } = await subject.until(`a workflow task at ${point}`, async () => {
    const { runId: latest, raw } = await client.workflow.getHandle(workflowId).describe();
    const execution = first ? (raw.workflowExecutionInfo?.firstRunId ?? latest) : latest;
    const found = await resetEventOf(client.workflow.getHandle(workflowId, execution), point);
    return found === undefined ? undefined : { runId: execution, event: found };
  });
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'for the matrix',
    workflowTaskFinishEventId: event as never,
    requestId: randomUUID(),
    // An abort and a cancellation would be sent again.
    resetReapplyExcludeTypes: ['FAILED', 'CANCELLED'].includes(await subject.status(workflowId))
      ? [2 /* UPDATE */, 4 /* CANCEL_REQUEST */]
      : [],
  });
}
