import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription, type WorkflowExecutionInfo } from '@temporalio/client';

/** How Temporal says that a workflow ended which could not say so itself. */
export type WorkflowEnd = 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timedOut';

/** Where the executions of one workflow stand, those that continued it as new and those of resets included. */
export interface WorkflowChain {
  /** Temporal's run id of the last execution, and whether it is the first, continues one as new, or is from a reset. */
  readonly execution: string;
  readonly cause: 'started' | 'continued' | 'reset';
  /** Undefined while it runs. */
  readonly end: { readonly state: WorkflowEnd; readonly reason: string | undefined; readonly at: Date | undefined } | undefined;
}

/** A workflow by its id and the run id of its first execution. */
export interface FirstExecution {
  readonly workflowId: string;
  readonly temporalRunId: string;
}

const ends: Readonly<Record<string, WorkflowEnd>> = { COMPLETED: 'completed', FAILED: 'failed', CANCELLED: 'cancelled', TERMINATED: 'terminated', TIMED_OUT: 'timedOut' };

/** Asks Temporal where a workflow stands; undefined where it has none of its executions any more. */
export async function workflowChain(client: Client, first: FirstExecution): Promise<WorkflowChain | undefined> {
  const last = await lastExecution(client, first);
  if (last === undefined) return undefined;
  const { runId: execution, status, closeTime } = last;
  const end = ends[status.name];
  return {
    execution,
    cause: execution === first.temporalRunId ? 'started' : await causeOf(client, last),
    end: end && { state: end, reason: await reasonOf(client, last), at: closeTime },
  };
}

type Execution = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'status' | 'startTime' | 'closeTime'>;

async function lastExecution(client: Client, { workflowId, temporalRunId }: FirstExecution): Promise<Execution | undefined> {
  const current = await found(client.workflow.getHandle(workflowId).describe());
  if (current !== undefined && (current.raw.workflowExecutionInfo?.firstRunId || current.runId) === temporalRunId) return current;
  // Another workflow has this id now, or Temporal has kept none.
  let last: Execution | undefined = await found(client.workflow.getHandle(workflowId, temporalRunId).describe());
  for await (const each of client.workflow.list({ query: `WorkflowId = ${JSON.stringify(workflowId)}` })) {
    if ((each.raw.firstRunId || each.runId) === temporalRunId && (last === undefined || each.startTime >= last.startTime)) last = each;
  }
  return last;
}

async function found(described: Promise<WorkflowExecutionDescription>): Promise<WorkflowExecutionDescription | undefined> {
  return described.catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
}

async function causeOf(client: Client, { workflowId, runId }: Execution): Promise<'continued' | 'reset'> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({ namespace: client.options.namespace, execution: { workflowId, runId }, maximumPageSize: 1 });
  const original = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId;
  return original && original !== runId ? 'reset' : 'continued';
}

/** What the last event says: who terminated it and why, or its failure. */
async function reasonOf(client: Client, { workflowId, runId }: Execution): Promise<string | undefined> {
  const answer = await client.workflowService.getWorkflowExecutionHistoryReverse({ namespace: client.options.namespace, execution: { workflowId, runId }, maximumPageSize: 1 }).catch(() => undefined);
  const last = answer?.history?.events?.[0];
  const terminated = last?.workflowExecutionTerminatedEventAttributes;
  if (terminated) return `Terminated${terminated.identity ? ` by ${terminated.identity}` : ''}${terminated.reason ? `: ${terminated.reason}` : ''}.`;
  if (last?.workflowExecutionTimedOutEventAttributes) return 'The workflow exceeded its timeout.';
  return last?.workflowExecutionFailedEventAttributes?.failure?.message ?? undefined;
}
