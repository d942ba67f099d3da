import type { StageOutcome, StageRequest } from '@overture/protocol';
import { runControlSchema } from '@overture/protocol';
import { digestOfJson } from '@overture/core';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import { conformanceApplication } from './testing/conformance-application.ts';
import type {} from './testing/provided-context.ts';

it('a run whose state is larger than an execution can pass on stops continuing as new, and ends with every item done once', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const count = 60;
  const nodes: string[] = [];
  const stage =
    (code: (input: { readonly count?: number }) => unknown) =>
    async ({ node, input }: StageRequest): Promise<StageOutcome> => {
      nodes.push(node);
      return {
        output: code(input as object),
        reused: false,
        cacheKey: digestOfJson(node),
        durationMs: 1,
        artifacts: [],
      };
    };
  const activities = {
    list: stage(({ count: length }) => ({ items: Array.from({ length: length! }, (_, i) => i) })),
    fill: stage(() => ({ text: 'x'.repeat(40_000) })),
    finish: stage(() => ({ done: true })),
    lookUpStages: async () => ({ known: [], more: false }),
    beginRun: async () => undefined,
    endRun: async () => undefined,
  };
  const address = inject('temporalAddress');
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const workflowsPath = fileURLToPath(new URL('./testing/bulky-workflows.ts', import.meta.url));
  const taskQueue = `bulky-${randomUUID()}`;
  const workers = await Promise.all(
    [conformanceApplication.taskQueues.light, taskQueue].map((queue) =>
      Worker.create({ connection: native, taskQueue: queue, workflowsPath, activities }),
    ),
  );
  const working = workers.map((worker) => worker.run());
  try {
    const client = new Client({ connection });
    const handle = await client.workflow.start('bulky', {
      taskQueue,
      workflowId: randomUUID(),
      args: [{ count }, { ...runControlSchema.parse({}), onStageFailure: 'fail', continueAfterEvents: 50 }],
    });
    expect(await handle.result()).toMatchObject({ done: true });
    expect(nodes.sort()).toEqual(
      ['finish', 'list', ...Array.from({ length: count }, (_, i) => `fill[${i}]`)].sort(),
    );
    const last = await client.workflow.getHandle(handle.workflowId).describe();
    // It continued as new while its state was small.
    expect(last.runId).not.toBe(handle.firstExecutionRunId);
    const continued = (await client.workflow.getHandle(handle.workflowId).fetchHistory()).events![0]!
      .workflowExecutionStartedEventAttributes!.input!.payloads![2]!.data!.length;
    expect(continued).toBeLessThan(1_000_000);
    expect(last.historyLength).toBeGreaterThan(100);
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(working);
    await native.close();
    await connection.close();
  }
});
