import { taskQueues } from '@overture/contracts';
import type { RunState } from '@overture/protocol';
import {
  Client,
  Connection,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { workflowsUrl } from '../index.ts';
import { stateQuery } from '@overture/durable';
import { fakeStages, type Calls } from './fake-stages.ts';

/** A run with fake stages, for inspection. */
export interface Run<Flow extends Workflow> {
  readonly handle: WorkflowHandleWithFirstExecutionRunId<Flow>;
  readonly client: Client;
  readonly calls: Calls;
  details(): Promise<string>;
  state(): Promise<RunState>;
}

/** Runs workflows on a Temporal server with fake stages. */
export interface WorkflowRuns {
  withRun<Flow extends Workflow>(
    workflow: Flow,
    request: {
      readonly input?: unknown;
      readonly stages?: Parameters<typeof fakeStages>[0];
      readonly lookUp?: Parameters<typeof fakeStages>[1];
    },
    use: (run: Run<Flow>) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

let installed = false;

/**
 * Connects to a Temporal server and bundles the workflows.
 * @param workflows the module that exports the workflows; default: the product's workflows
 */
export async function openWorkflowRuns(address: string, workflows = workflowsUrl): Promise<WorkflowRuns> {
  // The runtime can be installed only once per process.
  if (!installed) Runtime.install({ logger: new DefaultLogger('ERROR') });
  installed = true;
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const bundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(workflows),
    logger: new DefaultLogger('ERROR'),
  });
  return {
    async withRun(workflow, { input, stages, lookUp }, use) {
      const { calls, activities } = fakeStages(stages, lookUp);
      const workers = await Promise.all(
        Object.values(taskQueues).map((taskQueue) =>
          Worker.create({
            connection: native,
            taskQueue,
            activities,
            workflowBundle: bundle,
            disablePayloadErrorLimit: true,
            maxHeartbeatThrottleInterval: '100ms',
            defaultHeartbeatThrottleInterval: '100ms',
          }),
        ),
      );
      const client = new Client({ connection });
      const running = workers.map((worker) => worker.run());
      try {
        // The workflow's argument is `unknown`, because users write it.
        const handle = (await client.workflow.start(workflow.name, {
          taskQueue: taskQueues.light,
          workflowId: randomUUID(),
          args: input === undefined ? [] : [input],
        })) as WorkflowHandleWithFirstExecutionRunId<typeof workflow>;
        const details = async (): Promise<string> => {
          const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
          return metadata.currentDetails ?? '';
        };
        await use({ handle, client, calls, details, state: () => handle.query(stateQuery) });
      } finally {
        for (const worker of workers) worker.shutdown();
        await Promise.all(running);
      }
    },
    async close() {
      await native.close();
      await connection.close();
    },
  };
}

/**
 * With `RECORD_HISTORIES=1`, writes the history of the finished run into histories/ under the name
 * `<workflow>-<outcome>`; see the README.
 */
export async function recordHistory(handle: WorkflowHandle, name: string): Promise<void> {
  if (process.env['RECORD_HISTORIES'] === undefined) return;
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const history = historyToJSON(await handle.fetchHistory())
    .replaceAll(root, '/')
    .replaceAll(hostname(), 'host');
  writeFileSync(new URL(`../../histories/${name}.json`, import.meta.url), `${history}\n`);
}
