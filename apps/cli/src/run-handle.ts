import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Connection,
  type WorkflowHandle,
} from '@temporalio/client';
import { inputLimitProblem, inputLimits, type RunState } from '@overture/protocol';
import { AppError, shorten } from '@overture/core';
import type { CliContext } from './context.ts';
import { withTemporalClient } from './temporal-client.ts';

/** A run on a Temporal server, for queries and updates. */
export interface RunHandle {
  readonly workflowId: string;
  state(): Promise<RunState>;
  update(name: string, request: unknown): Promise<unknown>;
}

/** Maximum wait for a worker's response, in milliseconds; a running worker responds at once. */
const timeoutMs = 20_000;

/**
 * Finds a run on the running stack, or on the server named by TEMPORAL_ADDRESS. Starts nothing.
 * @param id `workflow id`, or `workflow id/run id` as commands print it
 * @throws AppError `STACK_NOT_UP`, `STACK_NO_WORKER`, `RUN_UNKNOWN`, `RUN_CLOSED`, `DECISION_REFUSED`
 */
export function withRunHandle<T>(
  context: CliContext,
  id: string,
  use: (handle: RunHandle) => Promise<T>,
): Promise<T> {
  return withOpenRun(context, id, 'Deciding about a run', async (handle, connection) => {
    const retry = <R>(call: () => Promise<R>): Promise<R> =>
      connection.withDeadline(Date.now() + timeoutMs, call).catch((error: unknown) => {
        throw asDecisionError(error, handle.workflowId);
      });
    return use({
      workflowId: handle.workflowId,
      state: () => retry(() => handle.query<RunState>('state')),
      async update(name, request) {
        const outside = inputLimitProblem(`The argument of ${name}`, request, inputLimits.update);
        if (outside !== undefined) throw new AppError('DECISION_REFUSED', outside);
        return await retry(() => handle.executeUpdate(name, { args: [request] }));
      },
    });
  });
}

/**
 * Provides Temporal's handle of an unfinished run for the duration of `use`. Starts nothing.
 * @param what start of the message if no stack is running
 * @throws AppError `STACK_NOT_UP`, `RUN_UNKNOWN`, `RUN_CLOSED`
 */
export function withOpenRun<T>(
  context: CliContext,
  id: string,
  what: string,
  use: (handle: WorkflowHandle, connection: Connection) => Promise<T>,
): Promise<T> {
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
    throw new AppError(
      'RUN_UNKNOWN',
      `Temporal at ${address} has no run ${JSON.stringify(handle.workflowId)}. "overture runs ls" lists the runs.`,
      { cause: error },
    );
  });
  if (status.name === 'RUNNING') return;
  throw new AppError(
    'RUN_CLOSED',
    `Run ${handle.workflowId} has already finished: it is ${statusText(status.name)}. Start another one; it reuses every finished stage.`,
  );
}

function asDecisionError(error: unknown, workflowId: string): unknown {
  if (error instanceof WorkflowUpdateFailedError)
    return new AppError('DECISION_REFUSED', error.cause?.message ?? error.message, { cause: error });
  if (error instanceof WorkflowNotFoundError)
    return new AppError('RUN_CLOSED', `The run ${workflowId} ended just now.`, { cause: error });
  const said = serverMessage(error);
  if (said !== undefined)
    return new AppError(
      'TEMPORAL_REFUSED',
      `Temporal refused the request for the run ${workflowId}: ${said}`,
      { cause: error },
    );
  return new AppError(
    'STACK_NO_WORKER',
    `No worker answered for the run ${workflowId} within ${timeoutMs / 1000} s: ${shorten((error as Error).message, 300)}. Is one up ("overture start")?`,
    { cause: error, retryable: true },
  );
}

/**
 * gRPC statuses (grpc.io/docs/guides/status-codes) for a refused request: its size, its content or its
 * caller.
 */
const refusals: ReadonlySet<number> = new Set([3, 7, 8, 16]);

/** The server's message for a refused request, as a sentence. Undefined if the request was not refused. */
export function serverMessage(error: unknown): string | undefined {
  const status = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(status) || !refusals.has(status.code)) return undefined;
  const size = /larger than max|exceeds limit|size exceed/i.test(status.details)
    ? ' It takes at most 2 MB of a value and 4 MB of a request.'
    : '';
  return `${shorten(status.details, 500).replace(/\.$/, '')}.${size}`;
}

/** A status of the server in words: `CONTINUED_AS_NEW` → "continued as new". */
function statusText(name: string): string {
  return name === 'CANCELLED' ? 'canceled' : name.toLowerCase().replaceAll('_', ' ');
}
