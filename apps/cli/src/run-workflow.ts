import {
  ApplicationFailure,
  CancelledFailure,
  Client,
  Connection,
  TerminatedFailure,
  TimeoutFailure,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { taskQueues } from '@overture/contracts';
import { AppError } from '@overture/core';
import { connectionOptions } from '@overture/stack';
import type { CliContext } from './context.ts';
import { followRun } from './follow-run.ts';
import { InterruptedError } from './interrupts.ts';
import type { RunServer } from './open-run-server.ts';
import { resultWithRetry } from './result-with-retry.ts';
import { serverMessage } from './run-handle.ts';

/** A workflow to start, with its id and input. */
export interface RunRequest {
  /** The workflow type, as shown in Temporal's UI. */
  readonly workflow: string;
  readonly workflowId: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Starts a workflow and returns at once. */
export async function startWorkflow(
  stack: RunServer,
  { workflow, workflowId, input }: RunRequest,
): Promise<{ readonly handle: WorkflowHandle; readonly runId: string; close(): Promise<void> }> {
  const connection = await Connection.connect(connectionOptions(stack.temporal));
  const client = new Client({ connection, namespace: stack.namespace });
  const handle = await client.workflow
    .start(workflow, { taskQueue: taskQueues.light, workflowId, args: [input] })
    .catch(async (error: unknown) => {
      await connection.close();
      const said = serverMessage(error);
      throw said === undefined
        ? error
        : new AppError('TEMPORAL_REFUSED', `Temporal did not start the run ${workflowId}: ${said}`, {
            cause: error,
          });
    });
  return { handle, runId: `${workflowId}/${handle.firstExecutionRunId}`, close: () => connection.close() };
}

/** How long the command waits for a canceled run to end, in milliseconds. */
const cancelMs = 600;

/**
 * Starts a workflow, shows its progress, and returns its result. Ctrl-C cancels it and waits briefly for its
 * end.
 * @throws AppError with the failed stage's own code, `RUN_FAILED`, `STACK_LOST`, `TEMPORAL_UNREACHABLE`;
 * InterruptedError
 */
export async function runWorkflow<Result>(
  context: CliContext,
  stack: RunServer,
  request: RunRequest,
): Promise<Result> {
  const { handle, close } = await startWorkflow(stack, request);
  const { terminal, interrupt } = context;
  const over = Promise.withResolvers<never>();
  const cancel = (): void => {
    terminal.note(
      `Canceling the run ${request.workflowId}${stack.owned ? ' and stopping the stack' : ''}; finished stages are kept. Press Ctrl-C again to quit at once.`,
    );
    handle.cancel().catch(() => undefined);
    // By then the server has the request, even if the stack ends before the run.
    setTimeout(() => over.reject(new InterruptedError()), cancelMs).unref();
  };
  interrupt.addEventListener('abort', cancel, { once: true });
  const done = new AbortController();
  const following = followRun(handle, context, done.signal, stack);
  try {
    if (interrupt.aborted) cancel();
    const result = resultWithRetry<Result>(handle, {
      onSilence: (note) => terminal.note(note),
      signal: done.signal,
    });
    return await Promise.race([result, over.promise, stack.lost.then((error) => Promise.reject(error))]);
  } catch (error) {
    throw interrupt.aborted && isCanceled(error)
      ? new InterruptedError()
      : runError(error, request.workflowId);
  } finally {
    done.abort();
    interrupt.removeEventListener('abort', cancel);
    await following;
    await close().catch(() => undefined);
  }
}

/** Failure types set by the workflow itself, mapped to error codes. */
const codes: Readonly<Record<string, string>> = {
  InvalidInput: 'INPUT_INVALID',
  RunAborted: 'RUN_ABORTED',
  StageFailed: 'STAGE_FAILED',
};

function codeOf(type: string | undefined | null): string {
  return codes[type ?? ''] ?? (type || 'RUN_FAILED');
}

function isCanceled(error: unknown): boolean {
  return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
}

/** The error to show for a failed run: the failed stage's error, with its code. */
export function runError(error: unknown, workflowId: string): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure)
    return new AppError(codeOf(cause.type), `${cause.message}\nThe run ${workflowId} failed.`, {
      cause: error,
    });
  const how =
    cause instanceof CancelledFailure
      ? 'was canceled'
      : cause instanceof TerminatedFailure
        ? 'was terminated'
        : cause instanceof TimeoutFailure
          ? 'timed out'
          : 'failed';
  return new AppError('RUN_FAILED', `The run ${workflowId} ${how}: ${cause?.message ?? error.message}.`, {
    cause: error,
  });
}
