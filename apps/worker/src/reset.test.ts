import { taskQueues } from '@overture/contracts';
import { openRegistry } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { reconcileRuns } from '@overture/durable-worker';
import { trainInitiativeModel } from '@overture/workflows';
import { retryStageUpdate, stateQuery } from '@overture/durable';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { helpDesk } from './testing/help-desk.ts';
import type {} from '@overture/durable/testing/provided-context';
import { startWorker } from './testing/worker-process.ts';

it('a run that was reset, parked and completed, continues as the same run of the registry, which shows the resets', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'overture-reset-'));
  const corpus = join(folder, 'help-desk.jsonl');
  await writeFile(corpus, helpDesk(64));
  const databaseUrl = await emptyDatabase();
  const worker = await startWorker({
    OVERTURE_HOME: join(folder, 'home'),
    OVERTURE_CACHE: join(folder, 'cache'),
    OVERTURE_THREADS: '1',
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    DATABASE_URL: databaseUrl,
    HF_HUB_OFFLINE: '1',
  });
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  const client = new Client({ connection });
  const registry = await openRegistry({ databaseUrl });
  try {
    const workflowId = randomUUID();
    const input = {
      name: 'desk',
      base: 'tiny',
      corpus: { uri: join(folder, 'nowhere.jsonl') },
      training: { epochs: 1, batchSize: 8, maxLength: 64 },
      evaluation: { bootstrapSamples: 200 },
    };
    const { firstExecutionRunId: first } = await client.workflow.start(trainInitiativeModel, {
      taskQueue: taskQueues.light,
      workflowId,
      args: [input],
    });
    const current = client.workflow.getHandle<typeof trainInitiativeModel>(workflowId);
    const parked = async (): Promise<void> =>
      void (await expect.poll(async () => (await current.query(stateQuery)).status).toBe('parked'));
    const reset = async (to: 'first' | 'last'): Promise<string> => {
      const { events } = await client.workflow
        .getHandle(workflowId, (await current.describe()).runId)
        .fetchHistory();
      const points = (events ?? [])
        .filter(({ workflowTaskCompletedEventAttributes: completed }) => completed)
        .map(({ eventId }) => Number(eventId));
      const { runId } = await client.workflowService.resetWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId, runId: (await current.describe()).runId },
        reason: 'for the test',
        workflowTaskFinishEventId: points.at(to === 'first' ? 0 : -1) as never,
        requestId: randomUUID(),
      });
      return runId;
    };
    const run = `${workflowId}/${first}`;

    await parked();
    const second = await reset('last');
    await parked();
    // No stage has run since, so the registry has not been notified yet; this queries Temporal.
    expect(await reconcileRuns(client, registry, [await registry.getRun(workflowId)])).toEqual([run]);
    expect(await registry.getRun(workflowId)).toMatchObject({
      state: 'running',
      executionId: second,
      executions: [{ ended: 'terminated' }, { execution: second, cause: 'reset' }],
    });
    await current.executeUpdate(retryStageUpdate, {
      args: [{ stage: 'ingest', overrides: { uri: corpus } }],
    });
    const result = await current.result();
    expect(result.runId).toBe(run);
    const completed = await registry.getRun(workflowId);
    expect(completed).toMatchObject({
      id: run,
      state: 'completed',
      executionId: second,
      executions: [
        { execution: first, cause: 'started', ended: 'terminated' },
        { execution: second, cause: 'reset', ended: null },
      ],
    });
    expect(
      completed.stages
        .filter(({ state }) => state === 'ran')
        .map(({ node }) => node)
        .sort(),
    ).toEqual(['computeFloors', 'createTinyBase', 'evaluate', 'fineTune', 'ingest', 'register', 'tokenize']);

    const third = await reset('last');
    expect(await current.result()).toEqual(result);
    expect(await registry.getRun(workflowId)).toMatchObject({
      id: run,
      state: 'completed',
      executionId: third,
      executions: [{}, { execution: second, ended: 'completed' }, { execution: third, ended: null }],
    });

    // Reset to the beginning: Temporal applies the decision again before the stage is parked, and the run
    // rejects it. Every other stage is reused.
    const fourth = await reset('first');
    await parked();
    await current.executeUpdate(retryStageUpdate, {
      args: [{ stage: 'ingest', overrides: { uri: corpus } }],
    });
    expect(await current.result()).toMatchObject({ runId: run, model: result.model });
    expect(await registry.getRun(workflowId)).toMatchObject({
      id: run,
      state: 'completed',
      executionId: fourth,
      executions: [{}, {}, { ended: 'completed' }, { execution: fourth, cause: 'reset' }],
    });
    expect((await registry.listRuns()).length).toBe(1);
  } finally {
    await worker.kill().catch(() => undefined);
    await registry.close();
    await connection.close();
    await rm(folder, { recursive: true, force: true });
  }
});
