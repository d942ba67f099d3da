import { taskQueues, type QueueName } from '@overture/contracts';
import type { WorkflowClient } from '@temporalio/client';

/** Temporal's TaskQueueType. */
const types = { workflow: 1, activity: 2 } as const;

/**
 * How recent a poll must be, in milliseconds. A poll takes up to a minute, and Temporal lists pollers for
 * some minutes after their last one.
 */
const recentMs = 90_000;

/**
 * The queues that no worker polls now. Workflows share one queue with their stages, so that queue has both
 * kinds of tasks.
 */
export async function unpolledQueues({
  workflowService,
  options: { namespace },
}: Pick<WorkflowClient, 'workflowService' | 'options'>): Promise<ReadonlySet<QueueName>> {
  const asked = (Object.keys(taskQueues) as QueueName[]).flatMap((queue) =>
    (queue === 'light' ? [types.workflow, types.activity] : [types.activity]).map((type) => ({
      queue,
      type,
    })),
  );
  const polled = await Promise.all(
    asked.map(async ({ queue, type }) => {
      const { pollers } = await workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueues[queue] },
        taskQueueType: type,
      });
      return (pollers ?? []).some(
        ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < recentMs,
      );
    }),
  );
  return new Set(asked.filter((_, i) => !polled[i]).map(({ queue }) => queue));
}

/** Explains that a run waits for a worker, and how to start one. */
export function unpolledText(queue: QueueName): string {
  return `No worker polls the queue ${taskQueues[queue]}, so the run waits. Start a worker: "overture start" with the TEMPORAL_… variables and the DATABASE_URL of this server, or a container (docs/deploy.md).`;
}
