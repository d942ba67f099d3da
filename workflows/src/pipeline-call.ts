import { taskQueues, type RunControl } from '@overture/contracts';
import type { PipelineCall, Task } from '@overture/dag';
import { startChild, workflowInfo } from '@temporalio/workflow';
import type { CallOutcome } from './stage-call.ts';
import { summaryText } from './summary-text.ts';

/** Runs a pipeline within a pipeline as a child workflow of its name, with a history and parked stages of its own. */
export async function callPipeline({ id, node, input, attempt }: Extract<Task, { kind: 'call' }>, { pipeline }: PipelineCall, { control, started }: { control: RunControl; started(child: string): void }): Promise<CallOutcome> {
  const child = `${workflowInfo().workflowId}/${id}${attempt > 1 ? `/${attempt}` : ''}`;
  const handle = await startChild(pipeline, {
    workflowId: child,
    taskQueue: taskQueues.light,
    // A workflow takes one object from people; what a parent decided about the run comes beside it.
    args: [input, control],
    // A child that is cancelled ends in order; so does one whose parent was terminated.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    parentClosePolicy: 'REQUEST_CANCEL',
    staticSummary: summaryText(`${node.summary} of ${workflowInfo().workflowId}`),
  });
  started(child);
  return { output: await handle.result(), child };
}
