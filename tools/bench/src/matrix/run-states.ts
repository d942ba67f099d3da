import type { WorkflowExecutionDescription } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { hasGrpcCode } from './grpc-code.ts';
import type { StartOptions, Subject } from './subject.ts';

/** PENDING_WORKFLOW_TASK_STATE_STARTED of Temporal's API. */
const startedTask = 2;

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** How a run is brought into a state. */
export interface RunStateDefinition {
  readonly start?: StartOptions;
  /** Whether it has ended. */
  readonly over?: true;
  /** What its state depends on: a stage or the look-up. Default: `work`. */
  readonly at?: 'inner' | 'look-up';
  /** Whether a stage is held in it. */
  readonly held?: true;
  reach(subject: Subject): Promise<unknown>;
}

/** Every state of a run. To add one: a row here. */
export const runStates: Readonly<Record<string, RunStateDefinition>> = {
  'looking up': { start: { workflowTaskTimeout: '2 seconds' }, at: 'look-up', held: true, reach: lookingUp },
  running: { held: true, reach: running },
  'running a child': { at: 'inner', held: true, reach: heldInside },
  parked: { reach: parked },
  'parked in a child': { at: 'inner', reach: parkedInside },
  asking: {
    start: { ask: true },
    reach: (subject) => onceParked(subject, 'pass', () => subject.stage('sure', 'asking')),
  },
  'activity paused': { held: true, reach: (subject) => running(subject).then(() => pauseActivity(subject)) },
  'workflow paused': { held: true, reach: (subject) => running(subject).then(() => pauseWorkflow(subject)) },
  completed: { over: true, reach: completed },
  failed: {
    over: true,
    reach: (subject) =>
      parked(subject)
        .then(() => subject.abort())
        .then(() => subject.ended()),
  },
  cancelled: {
    over: true,
    reach: (subject) =>
      running(subject)
        .then(() => subject.handle.cancel())
        .then(() => subject.ended()),
  },
  terminated: {
    over: true,
    reach: (subject) => running(subject).then(() => subject.handle.terminate('for the matrix')),
  },
  'continued, running': { start: { continues: true }, held: true, reach: running },
  'continued, parked': { start: { continues: true }, reach: parked },
  'continued, completed': { start: { continues: true }, over: true, reach: completed },
};

/** A long look-up: the worker completes a workflow task in the middle of it, after `beginRun`. */
async function lookingUp(subject: Subject): Promise<void> {
  await subject.until('a second workflow task', async () => {
    const events = (await subject.handle.fetchHistory()).events ?? [];
    return (
      events.filter(({ workflowTaskCompletedEventAttributes: completed }) => completed != null).length >= 2 ||
      undefined
    );
  });
}

async function running(subject: Subject): Promise<void> {
  await onceParked(subject, 'hold', () => subject.held('work', 1));
  // A workflow task after the Update.
  await signal(subject);
}

function parked(subject: Subject): Promise<unknown> {
  return onceParked(subject, 'fail', () =>
    subject.until('work parked for the second time', async () =>
      (await subject.state())?.stages.find(
        ({ id, status, attempt }) => id === 'work' && status === 'parked' && attempt === 2,
      ),
    ),
  );
}

function completed(subject: Subject): Promise<unknown> {
  return onceParked(subject, 'pass', () => subject.ended());
}

async function heldInside(subject: Subject): Promise<void> {
  await subject.held('inner');
  await signal(subject);
}

async function parkedInside(subject: Subject): Promise<void> {
  await heldInside(subject);
  subject.world.gates.set(subject.id, 'inner', 'fail');
  await subject.stage('inner', 'parked', subject.part);
}

/**
 * Brings a run to its work, sends it a signal there, lets the work fail, and retries it in another mode. So
 * the history has every kind of point.
 */
async function onceParked(
  subject: Subject,
  then: 'hold' | 'fail' | 'pass',
  reached: () => Promise<unknown>,
): Promise<void> {
  const { gates } = subject.world;
  await subject.held('work');
  await signal(subject);
  gates.set(subject.id, 'work', 'fail');
  await subject.stage('work', 'parked');
  gates.set(subject.id, 'work', then);
  await subject.retry('work');
  await reached();
}

/** Sends a signal that no workflow handles, and waits until the workflow has processed it. */
export async function signal(subject: Subject): Promise<void> {
  await subject.handle.signal('noSuchSignal', { anything: true });
  await subject.until('the workflow task after the signal', async () => {
    const events = (await subject.handle.fetchHistory()).events ?? [];
    const at = events.findLastIndex(
      ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled != null,
    );
    return (
      events.slice(at).some(({ workflowTaskCompletedEventAttributes: completed }) => completed != null) ||
      undefined
    );
  });
}

/**
 * Pauses the running activity of a workflow, by default the run's own, and waits until its attempt has
 * stopped.
 */
export async function pauseActivity(subject: Subject, workflowId = subject.id): Promise<void> {
  const { client, gates } = subject.world;
  const pending = async (): Promise<PendingActivity | undefined> =>
    (await client.workflow.getHandle(workflowId).describe()).raw.pendingActivities?.[0];
  const id = await subject.until('an activity', async () => (await pending())?.activityId ?? undefined);
  await client.workflowService.pauseActivity({
    namespace: 'default',
    execution: { workflowId },
    id,
    identity: 'matrix',
    reason: 'for the matrix',
  });
  await subject.until(
    'the activity paused',
    async () => ((await pending())?.paused && gates.active(subject.id) === 0) || undefined,
  );
}

/** Lets the paused activity continue. */
export async function unpauseActivity(subject: Subject, workflowId = subject.id): Promise<void> {
  const { client } = subject.world;
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  await client.workflowService.unpauseActivity({
    namespace: 'default',
    execution: { workflowId },
    id: raw.pendingActivities?.[0]?.activityId,
    identity: 'matrix',
  });
}

/** Waits until no workflow task is pending: a run that waits then continues only if something happens. */
async function untilIdle(subject: Subject): Promise<void> {
  await subject.until(
    'no pending workflow task',
    async () => !(await subject.handle.describe()).raw.pendingWorkflowTask || undefined,
  );
}

/**
 * Requests that the workflow is paused, unless a workflow task waits for a worker. Server 1.32 fails such a
 * task, and SDK 1.24 cannot replay that.
 */
export async function requestPause(subject: Subject): Promise<void> {
  const requestId = randomUUID();
  await subject.until('a pause of the workflow', async () => {
    const task = (await subject.handle.describe()).raw.pendingWorkflowTask;
    if (task && task.state !== startedTask) return undefined;
    try {
      return await subject.world.client.workflowService.pauseWorkflowExecution({
        namespace: 'default',
        workflowId: subject.id,
        identity: 'matrix',
        reason: 'for the matrix',
        requestId,
      });
    } catch (thrown) {
      // The server asks for another try.
      if (hasGrpcCode(thrown, 'internal')) return undefined;
      throw thrown;
    }
  });
}

/** Pauses the workflow. */
export async function pauseWorkflow(subject: Subject): Promise<void> {
  await requestPause(subject);
  await subject.until('the workflow paused', async () => (await subject.status()) === 'PAUSED' || undefined);
}

/** Lets the paused workflow continue. */
export async function unpauseWorkflow(subject: Subject): Promise<void> {
  await subject.world.client.workflowService.unpauseWorkflowExecution({
    namespace: 'default',
    workflowId: subject.id,
    identity: 'matrix',
    reason: 'for the matrix',
    requestId: randomUUID(),
  });
}

/** Starts a run and brings it into a state. */
export async function runIn(
  subject: Subject,
  state: string,
  timeouts?: StartOptions['timeouts'],
): Promise<void> {
  const { start, at = 'work', reach } = runStates[state]!;
  subject.world.gates.set(subject.id, at, 'hold');
  await subject.start({ ...start, timeouts });
  await reach(subject);
  // It may have parked in an execution that was about to continue.
  if (start?.continues) await untilIdle(subject);
}
