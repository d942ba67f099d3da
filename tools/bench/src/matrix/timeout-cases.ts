import { WorkflowNotFoundError } from '@temporalio/client';
import { hasGrpcCode } from './grpc-code.ts';
import { isOpen, startedAgain, value } from './action-cases.ts';
import type { MatrixCase } from './matrix-case.ts';
import type { MatrixWorld } from './matrix-world.ts';
import { reset } from './reset-cases.ts';
import { runIn, runStates } from './run-states.ts';
import { Subject, type StartOptions } from './subject.ts';
import { problemsOf } from './verify-case.ts';

type Timeout = NonNullable<StartOptions['timeouts']>;

const timeouts = {
  'execution timeout': 'workflowExecutionTimeout',
  'run timeout': 'workflowRunTimeout',
} as const satisfies Readonly<Record<string, keyof Timeout>>;

const firstSeconds = 8;

/** Runs that time out in every state, and runs that are reset after that. */
export const timeoutCases: readonly MatrixCase[] = Object.entries(timeouts).flatMap(([name, option]) => [
  ...Object.keys(runStates)
    .filter(isOpen)
    .map((state) => ({
      name: `${name}, ${state}`,
      run: (world: MatrixWorld, id: string) =>
        withTime(async (seconds) => {
          const subject = await timedOut(new Subject(world, `${id}-${seconds}`), state, {
            [option]: `${seconds} seconds`,
          });
          return (
            subject && [
              ...(await problemsOf(subject, { status: 'TIMED_OUT' })),
              ...(await startedAgain(subject)),
            ]
          );
        }),
    })),
  ...(['running', 'parked'] as const).flatMap((state) =>
    (['the first workflow task', 'the last workflow task'] as const).map((point) => ({
      name: `reset, timed out (${name}), ${state}, to ${point}, go on`,
      run: (world: MatrixWorld, id: string) =>
        withTime(async (seconds) => {
          const subject = await timedOut(new Subject(world, `${id}-${seconds}`), state, {
            [option]: `${seconds} seconds`,
          });
          if (subject === undefined) return undefined;
          world.gates.set(subject.id, 'work', 'pass');
          await reset(subject, subject.id, point);
          await subject.drive('retry');
          // The timeout applies again from the reset on.
          return (await subject.status()) === 'TIMED_OUT'
            ? undefined
            : problemsOf(subject, { status: 'COMPLETED', value });
        }),
    })),
  ),
]);

const mostSeconds = 512;

/**
 * How long a run needs depends on the machine: one that timed out too early is repeated with twice the time.
 */
async function withTime(attempt: (seconds: number) => Promise<string[] | undefined>): Promise<string[]> {
  for (let seconds = firstSeconds; seconds <= mostSeconds; seconds *= 2) {
    const problems = await attempt(seconds);
    if (problems !== undefined) return problems;
  }
  return [`the run timed out too early with ${mostSeconds} s`];
}

/** A run that timed out in a state; undefined if it timed out before. */
async function timedOut(subject: Subject, state: string, timeout: Timeout): Promise<Subject | undefined> {
  const reached = runIn(subject, state, timeout).then(
    () => true,
    (thrown: unknown) => {
      if (
        thrown instanceof WorkflowNotFoundError ||
        hasGrpcCode(thrown, 'not found') ||
        subject.abandoned.signal.aborted
      )
        return false;
      throw thrown;
    },
  );
  const early = subject
    .until('the start', () => subject.status().catch(() => undefined))
    .then(() => subject.ended())
    .then(() => false);
  const isReached = await Promise.race([reached, early]);
  if (!isReached) subject.abandoned.abort();
  return isReached ? subject.ended().then(() => subject) : undefined;
}
