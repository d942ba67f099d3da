import type { Application, RunControl } from '@overture/protocol';
import type { PipelineCall, Task } from '@overture/dag';
import { WorkflowExecutionAlreadyStartedError, type Workflow } from '@temporalio/common';
import { patched, sleep, startChild, workflowInfo, type ChildWorkflowHandle } from '@temporalio/workflow';
import type { CallOutcome } from './stage-call.ts';
import { summaryText } from './summary-text.ts';

/** Runs a nested pipeline as a child workflow of the same name, with its own history and parked stages. */
export async function callPipeline(
  { id, node, input, attempt }: Extract<Task, { kind: 'call' }>,
  { pipeline }: PipelineCall,
  {
    application,
    control,
    started,
  }: { application: Application; control: RunControl; started(child: string): void },
): Promise<CallOutcome> {
  const child = `${workflowInfo().workflowId}/${id}${attempt > 1 ? `/${attempt}` : ''}`;
  const handle = await onceItsIdIsFree(() =>
    startChild(pipeline, {
      workflowId: child,
      taskQueue: application.taskQueues[application.workflowQueue],
      // Users pass a workflow one object; the parent's control settings are a separate argument.
      args: [input, control],
      // A canceled child ends in order; so does a child whose parent was terminated.
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      parentClosePolicy: 'REQUEST_CANCEL',
      staticSummary: summaryText(`${node.summary} of ${workflowInfo().workflowId}`),
    }),
  );
  started(child);
  return { output: await handle.result(), child };
}

/** Pauses between attempts at starting a child, in milliseconds: two minutes in total. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;

/**
 * Retries while the child's id is in use. After a reset, the previous execution's child was asked to stop and
 * may still be writing a checkpoint under the same id.
 */
async function onceItsIdIsFree(
  start: () => Promise<ChildWorkflowHandle<Workflow>>,
): Promise<ChildWorkflowHandle<Workflow>> {
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    try {
      return await start();
    } catch (thrown) {
      // Runs that started before this change replay with the failure.
      if (
        !(thrown instanceof WorkflowExecutionAlreadyStartedError) ||
        pauseMs > longestPauseMs ||
        !patched('await-child-id')
      )
        throw thrown;
      await sleep(pauseMs);
    }
  }
}
