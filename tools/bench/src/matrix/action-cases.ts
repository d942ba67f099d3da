import type { MatrixCase } from './matrix-case.ts';
import {
  pauseActivity,
  pauseWorkflow,
  requestPause,
  runIn,
  runStates,
  signal,
  unpauseActivity,
  unpauseWorkflow,
} from './run-states.ts';
import { Subject } from './subject.ts';
import { disagreements, problemsOf } from './verify-case.ts';

/** The value of an undisturbed run. */
export const value = 'v+prepare+inner+side+work';

/** Something that happens to a run. Returns Temporal's status of the run's end, and problems on the way. */
interface Action {
  readonly name: string;
  /** Whether it is possible in a state. Otherwise nothing may change. */
  isPossible(state: string): boolean;
  act(
    subject: Subject,
    state: string,
  ): Promise<{ readonly status: string; readonly problems?: readonly string[] }>;
  /** The request to the server alone. */
  request(subject: Subject): Promise<unknown>;
  /** Takes an accepted request back, if the run could not end otherwise. */
  undo?(subject: Subject): Promise<unknown>;
}

/** Whether a run in a state has not ended. */
export const isOpen = (state: string): boolean => runStates[state]!.over !== true;

const actions: readonly Action[] = [
  {
    name: 'terminate',
    isPossible: isOpen,
    request: (subject) => subject.handle.terminate('for the matrix'),
    async act(subject) {
      await this.request(subject);
      return { status: 'TERMINATED' };
    },
  },
  {
    name: 'cancel',
    isPossible: isOpen,
    request: (subject) => subject.handle.cancel(),
    async act(subject, state) {
      await this.request(subject);
      if (state === 'workflow paused') await unpauseWorkflow(subject);
      await subject.ended();
      return { status: 'CANCELLED' };
    },
  },
  {
    name: 'an unknown signal',
    isPossible: isOpen,
    request: (subject) => subject.handle.signal('noSuchSignal'),
    async act(subject, state) {
      // A paused workflow, and one that looks up its stages, process it later.
      await (state === 'workflow paused' || state === 'looking up' ? this.request(subject) : signal(subject));
      await complete(subject, state);
      return { status: 'COMPLETED' };
    },
  },
  {
    name: 'pause and unpause the activity',
    isPossible: (state) =>
      runStates[state]!.held === true && runStates[state]!.at !== 'look-up' && !state.endsWith('paused'),
    request: (subject) =>
      subject.world.client.workflowService.pauseActivity({
        namespace: 'default',
        execution: { workflowId: subject.id },
        type: 'act',
        identity: 'matrix',
      }),
    undo: (subject) =>
      subject.world.client.workflowService.unpauseActivity({
        namespace: 'default',
        execution: { workflowId: subject.id },
        type: 'act',
        identity: 'matrix',
      }),
    async act(subject, state) {
      const [place, workflowId] =
        runStates[state]!.at === 'inner' ? ['inner', subject.part] : ['work', subject.id];
      const before = subject.world.gates.entered(subject.id, place);
      await pauseActivity(subject, workflowId);
      const problems = await disagreements(subject);
      await unpauseActivity(subject, workflowId);
      await subject.held(place, before);
      await complete(subject, state);
      return { status: 'COMPLETED', problems };
    },
  },
  {
    name: 'pause and unpause the workflow',
    isPossible: (state) => isOpen(state) && state !== 'workflow paused',
    request: requestPause,
    async act(subject, state) {
      await pauseWorkflow(subject);
      const problems = await disagreements(subject);
      await unpauseWorkflow(subject);
      await complete(subject, state);
      return { status: 'COMPLETED', problems };
    },
  },
];

/** Releases everything and decides whatever the run waits for, until it is over. */
async function complete(subject: Subject, state: string): Promise<void> {
  if (state === 'workflow paused') await unpauseWorkflow(subject);
  if (state === 'activity paused') await unpauseActivity(subject);
  letPass(subject);
  await subject.drive('retry');
}

function letPass({ world, id }: Subject): void {
  for (const place of ['work', 'inner', 'look-up']) world.gates.set(id, place, 'pass');
}

/** The same pipeline with the same id, after an end that decided nothing. */
export async function startedAgain(subject: Subject): Promise<string[]> {
  letPass(subject);
  await subject.start();
  await subject.drive('retry');
  return (await problemsOf(subject, { status: 'COMPLETED', value })).map(
    (problem) => `started again: ${problem}`,
  );
}

/** Each action in every state. */
export const actionCases: readonly MatrixCase[] = actions.flatMap((action) =>
  Object.keys(runStates).map((state) => ({
    name: `${action.name}, ${state}`,
    async run(world, id) {
      const subject = new Subject(world, id);
      await runIn(subject, state);
      if (!action.isPossible(state)) return withoutEffect(action, subject, state);
      const { status, problems: onTheWay = [] } = await action.act(subject, state);
      const problems = [
        ...onTheWay,
        ...(await problemsOf(subject, { status, ...(status === 'COMPLETED' && { value }) })),
      ];
      return status === 'COMPLETED' ? problems : [...problems, ...(await startedAgain(subject))];
    },
  })),
);

/** An action that is not possible may be refused or ignored. Nothing may change. */
async function withoutEffect(action: Action, subject: Subject, state: string): Promise<string[]> {
  const before = await subject.status();
  await action.request(subject).catch(() => undefined);
  if (isOpen(state)) {
    // The server may have accepted the request although it makes no sense in this state.
    await action.undo?.(subject).catch(() => undefined);
    await complete(subject, state);
    return problemsOf(subject, { status: 'COMPLETED', value });
  }
  const problems = await problemsOf(subject, { status: before, ...(before === 'COMPLETED' && { value }) });
  return before === 'COMPLETED' ? problems : [...problems, ...(await startedAgain(subject))];
}
