import { taskQueues, type RunControl } from '@overture/contracts';
import type { PipelineCall, Task } from '@overture/dag';
import { WorkflowExecutionAlreadyStartedError, type Workflow } from '@temporalio/common';
import { patched, sleep, startChild, workflowInfo, type ChildWorkflowHandle } from '@temporalio/workflow';
import type { CallOutcome } from './stage-call.ts';
import { summaryText } from './summary-text.ts';

/** Runs a pipeline within a pipeline as a child workflow of its name, with a history and parked stages of its own. */
export async function callPipeline({ id, node, input, attempt }: Extract<Task, { kind: 'call' }>, { pipeline }: PipelineCall, { control, started }: { control: RunControl; started(child: string): void }): Promise<CallOutcome> {
  const child = `${workflowInfo().workflowId}/${id}${attempt > 1 ? `/${attempt}` : ''}`;
  const handle = await onceItsIdIsFree(() =>
    startChild(pipeline, {
      workflowId: child,
      taskQueue: taskQueues.light,
      // A workflow takes one object from people; what a parent decided about the run comes beside it.
      args: [input, control],
      // A child that is cancelled ends in order; so does one whose parent was terminated.
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      parentClosePolicy: 'REQUEST_CANCEL',
      staticSummary: summaryText(`${node.summary} of ${workflowInfo().workflowId}`),
    }),
  );
  started(child);
  return { output: await handle.result(), child };
}

/** Pauses between attempts at starting a child, milliseconds: two minutes in all. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;

/** After a reset, the child of the execution before was asked to stop and may still be writing a checkpoint under the same id. */
async function onceItsIdIsFree(start: () => Promise<ChildWorkflowHandle<Workflow>>): Promise<ChildWorkflowHandle<Workflow>> {
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    try {
      return await start();
    } catch (thrown) {
      // Runs that began before this replay with the failure.
      if (!(thrown instanceof WorkflowExecutionAlreadyStartedError) || pauseMs > longestPauseMs || !patched('await-child-id')) throw thrown;
      await sleep(pauseMs);
    }
  }
}
