import { WorkflowNotFoundError, WorkflowUpdateFailedError, type Connection, type WorkflowHandle } from '@temporalio/client';
import type { RunState } from '@overture/contracts';
import { AppError } from '@overture/core';
import type { CliContext } from './context.ts';
import { withTemporalClient } from './temporal-client.ts';

/** A run on a Temporal server, to be asked and told. */
export interface RunHandle {
  readonly workflowId: string;
  state(): Promise<RunState>;
  update(name: string, request: unknown): Promise<unknown>;
}

/** A worker answers at once when there is one. */
const patienceMs = 20_000;

/**
 * Finds a run on the stack that is up, or on the server that TEMPORAL_ADDRESS names; starts nothing.
 * @param id `workflow id`, or `workflow id/run id` as commands print it.
 * @throws AppError `STACK_NOT_UP`, `STACK_NO_WORKER`, `RUN_UNKNOWN`, `RUN_CLOSED`, `DECISION_REFUSED`
 */
export function withRunHandle<T>(context: CliContext, id: string, use: (handle: RunHandle) => Promise<T>): Promise<T> {
  return withOpenRun(context, id, 'Deciding about a run', async (handle, connection) => {
    const patiently = <R>(call: () => Promise<R>): Promise<R> => connection.withDeadline(Date.now() + patienceMs, call).catch((error: unknown) => {
      throw asDecisionError(error, handle.workflowId);
    });
    return use({
      workflowId: handle.workflowId,
      state: () => patiently(() => handle.query<RunState>('state')),
      update: (name, request) => patiently(() => handle.executeUpdate(name, { args: [request] })),
    });
  });
}

/**
 * Temporal's handle of a run that has not finished, for the duration of `use`; starts nothing.
 * @param what begins the message when no stack is up.
 * @throws AppError `STACK_NOT_UP`, `RUN_UNKNOWN`, `RUN_CLOSED`
 */
export function withOpenRun<T>(context: CliContext, id: string, what: string, use: (handle: WorkflowHandle, connection: Connection) => Promise<T>): Promise<T> {
  return withTemporalClient(context, what, async ({ client, connection, address }) => {
    const [, workflowId = id, runId] = /^(.+)\/([0-9a-f-]{36})$/.exec(id) ?? [];
    const handle = client.workflow.getHandle(workflowId, runId);
    await assertRunning(handle, address);
    return use(handle, connection);
  });
}

async function assertRunning(handle: WorkflowHandle, address: string): Promise<void> {
  const { status } = await handle.describe().catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new AppError('RUN_UNKNOWN', `Temporal at ${address} has no run ${JSON.stringify(handle.workflowId)}. "overture runs ls" lists the runs.`, { cause: error });
  });
  if (status.name === 'RUNNING') return;
  throw new AppError('RUN_CLOSED', `Run ${handle.workflowId} has already finished: it is ${status.name.toLowerCase().replaceAll('_', ' ')}. Start another one; it reuses every finished stage.`);
}

function asDecisionError(error: unknown, workflowId: string): unknown {
  if (error instanceof WorkflowUpdateFailedError) return new AppError('DECISION_REFUSED', error.cause?.message ?? error.message, { cause: error });
  if (error instanceof WorkflowNotFoundError) return new AppError('RUN_CLOSED', `The run ${workflowId} ended just now.`, { cause: error });
  return new AppError('STACK_NO_WORKER', `No worker answered for the run ${workflowId} within ${patienceMs / 1000} s: ${(error as Error).message}. Is one up ("overture start")?`, { cause: error, retryable: true });
}
