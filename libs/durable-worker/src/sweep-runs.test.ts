import type { RunId } from '@overture/core';
import { openRegistry, type Registry } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { namespaceIdOf, reconcileRuns } from './reconcile-runs.ts';
import { sweepRuns } from './sweep-runs.ts';
import type {} from '@overture/durable/testing/provided-context';

let connection: Connection;
let client: Client;
let registry: Registry;
let namespaceId: string;

beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
  registry = await openRegistry({ databaseUrl: await emptyDatabase() });
  namespaceId = (await namespaceIdOf(client)) as string;
});
afterAll(async () => {
  await registry.close();
  await connection.close();
});

/** A workflow on a queue without workers, and its run in the registry. */
async function open({
  namespace = namespaceId,
  ...options
}: { namespace?: string; workflowRunTimeout?: string } = {}): Promise<{
  run: RunId;
  workflowId: string;
  first: string;
}> {
  const workflowId = randomUUID();
  const { firstExecutionRunId: first } = await client.workflow.start('trainInitiativeModel', {
    taskQueue: `nobody-${workflowId}`,
    workflowId,
    ...(options as object),
  });
  const run = `${workflowId}/${first}` as RunId;
  await registry.startRun({
    run,
    workflowId,
    pipeline: 'trainInitiativeModel',
    input: {},
    namespaceId: namespace,
  });
  return { run, workflowId, first };
}

const reconcile = async (run: RunId): Promise<readonly RunId[]> =>
  reconcileRuns(client, registry, [await registry.getRun(run)]);

describe('a run that Temporal ended', () => {
  it('was terminated: who did it and why', async () => {
    const { run, workflowId } = await open();
    expect(await reconcile(run)).toEqual([]);
    expect((await registry.getRun(run)).state).toBe('running');
    await client.workflow.getHandle(workflowId).terminate('wrong corpus');
    expect(await reconcile(run)).toEqual([run]);
    const ended = await registry.getRun(run);
    expect(ended).toMatchObject({
      state: 'terminated',
      endedBy: 'temporal',
      error: expect.stringMatching(/^Terminated by .+: wrong corpus\.$/) as string,
    });
    expect(ended.finishedAt).toEqual((await client.workflow.getHandle(workflowId).describe()).closeTime);
    expect(await reconcile(run)).toEqual([]);
  });

  it('timed out', async () => {
    const { run, workflowId } = await open({ workflowRunTimeout: '1 second' });
    await expect
      .poll(async () => (await client.workflow.getHandle(workflowId).describe()).status.name)
      .toBe('TIMED_OUT');
    await reconcile(run);
    expect(await registry.getRun(run)).toMatchObject({
      state: 'timedOut',
      endedBy: 'temporal',
      error: 'The workflow exceeded its timeout.',
    });
  });

  it('was deleted: believed of the namespace in which it ran, and of no other', async () => {
    const [here, elsewhere] = [await open(), await open({ namespace: randomUUID() })];
    for (const { workflowId } of [here, elsewhere]) {
      await client.workflowService.deleteWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId },
      });
      await expect
        .poll(() =>
          client.workflow
            .getHandle(workflowId)
            .describe()
            .then(
              () => 'there',
              () => 'gone',
            ),
        )
        .toBe('gone');
    }
    await expect.poll(async () => (await reconcile(here.run)).length).toBe(1);
    expect(await registry.getRun(here.run)).toMatchObject({
      state: 'deleted',
      endedBy: 'temporal',
      error: 'Temporal no longer has this workflow.',
    });
    expect(await reconcile(elsewhere.run)).toEqual([]);
    expect((await registry.getRun(elsewhere.run)).state).toBe('running');
  });

  it('is closed although its id is in use again', async () => {
    const { run, workflowId } = await open();
    await client.workflow.getHandle(workflowId).terminate('to start it again');
    await client.workflow.start('trainInitiativeModel', { taskQueue: `nobody-${workflowId}`, workflowId });
    await reconcile(run);
    expect((await registry.getRun(run)).state).toBe('terminated');
  });

  it('is closed by the sweep of a worker, whose log names it', async () => {
    const { run, workflowId } = await open();
    await client.workflow.getHandle(workflowId).terminate('by the sweep');
    const told = Promise.withResolvers<{ runs: readonly string[] }>();
    using _sweep = sweepRuns({
      client,
      registry,
      logger: {
        info: (details) => told.resolve(details as { runs: readonly string[] }),
        warn: (_, message) => told.reject(new Error(message)),
      },
    });
    expect((await told.promise).runs).toContain(run);
    expect((await registry.getRun(run)).state).toBe('terminated');
  });
});
