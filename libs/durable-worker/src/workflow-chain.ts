import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
} from '@temporalio/client';

/** The end of a workflow as reported by Temporal. */
export type WorkflowEnd = 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timedOut';

/** The latest execution of a workflow, including executions that continued it as new and those of resets. */
export interface WorkflowChain {
  /**
   * Temporal's run id of the last execution. `cause` tells whether it is the first one, continues one as new,
   * or comes from a reset.
   */
  readonly execution: string;
  readonly cause: 'started' | 'continued' | 'reset';
  /** Undefined while it runs. */
  readonly end:
    | { readonly state: WorkflowEnd; readonly reason: string | undefined; readonly at: Date | undefined }
    | undefined;
}

/** A workflow, identified by its id and the run id of its first execution. */
export interface FirstExecution {
  readonly workflowId: string;
  readonly temporalRunId: string;
}

const ends: Readonly<Record<string, WorkflowEnd>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timedOut',
};

/**
 * Reads the latest execution of a workflow from Temporal; undefined if Temporal has kept none of its
 * executions.
 */
export async function workflowChain(
  client: Client,
  first: FirstExecution,
): Promise<WorkflowChain | undefined> {
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

async function lastExecution(
  client: Client,
  { workflowId, temporalRunId }: FirstExecution,
): Promise<Execution | undefined> {
  const current = await found(client.workflow.getHandle(workflowId).describe());
  if (
    current !== undefined &&
    (current.raw.workflowExecutionInfo?.firstRunId || current.runId) === temporalRunId
  )
    return current;
  // Another workflow has this id now, or Temporal has kept none.
  let last: Execution | undefined = await found(
    client.workflow.getHandle(workflowId, temporalRunId).describe(),
  );
  for await (const each of client.workflow.list({ query: `WorkflowId = ${JSON.stringify(workflowId)}` })) {
    if (
      (each.raw.firstRunId || each.runId) === temporalRunId &&
      (last === undefined || each.startTime >= last.startTime)
    )
      last = each;
  }
  return last;
}

async function found(
  described: Promise<WorkflowExecutionDescription>,
): Promise<WorkflowExecutionDescription | undefined> {
  return described.catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
}

async function causeOf(client: Client, { workflowId, runId }: Execution): Promise<'continued' | 'reset'> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const original = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId;
  return original && original !== runId ? 'reset' : 'continued';
}

/** The reason in the last event: who terminated it and why, or its failure. */
async function reasonOf(client: Client, { workflowId, runId }: Execution): Promise<string | undefined> {
  const answer = await client.workflowService
    .getWorkflowExecutionHistoryReverse({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    })
    .catch(() => undefined);
  const last = answer?.history?.events?.[0];
  const terminated = last?.workflowExecutionTerminatedEventAttributes;
  if (terminated)
    return `Terminated${terminated.identity ? ` by ${terminated.identity}` : ''}${terminated.reason ? `: ${terminated.reason}` : ''}.`;
  if (last?.workflowExecutionTimedOutEventAttributes) return 'The workflow exceeded its timeout.';
  return last?.workflowExecutionFailedEventAttributes?.failure?.message ?? undefined;
}
