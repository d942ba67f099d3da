import { taskQueues } from '@overture/contracts';
import { openRegistry } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { sweep } from '@overture/workflows';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { helpDesk } from './testing/help-desk.ts';
import type {} from '@overture/durable/testing/provided-context';
import { startWorker } from './testing/worker-process.ts';

let folder: string;
let connection: Connection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-sweep-'));
  await writeFile(join(folder, 'help-desk.jsonl'), helpDesk(48));
  connection = await Connection.connect({ address: inject('temporalAddress') });
});
afterAll(async () => {
  await connection.close();
  await rm(folder, { recursive: true, force: true });
});

describe('sweep on a real server, a real Postgres and a worker of its own', () => {
  it('halves trials, registers the best trained in full, and draws and ranks the same when it is run again', async () => {
    const databaseUrl = await emptyDatabase();
    const worker = await startWorker({
      OVERTURE_HOME: join(folder, 'home'),
      OVERTURE_CACHE: join(folder, 'cache'),
      OVERTURE_THREADS: '1',
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      DATABASE_URL: databaseUrl,
      HF_HUB_OFFLINE: '1',
    });
    const input = {
      name: 'desk',
      base: 'tiny',
      corpus: { uri: join(folder, 'help-desk.jsonl') },
      training: { batchSize: 8, maxLength: 48 },
      trials: 3,
      factor: 3,
      smallestShare: 0.5,
      space: { learningRate: { min: 1e-6, max: 1e-2, scale: 'log' }, epochs: { values: [1, 2] } },
      evaluation: { bootstrapSamples: 100 },
      onStageFailure: 'fail',
    };
    const run = () =>
      new Client({ connection }).workflow.execute(sweep, {
        taskQueue: taskQueues.light,
        workflowId: randomUUID(),
        args: [input],
      });
    const first = await run();
    expect(first.trials).toHaveLength(3);
    expect(first.rungs.map((rung) => rung.filter(({ goesOn }) => goesOn).length)).toEqual([1]);
    expect(first.model).toMatchObject({ name: 'desk', version: 1 });
    const second = await run();
    expect({ ...second, runId: '', workflowId: '' }).toEqual({ ...first, runId: '', workflowId: '' });

    await using registry = await openRegistry({ databaseUrl });
    const runs = await registry.listRuns({ limit: 50 });
    const trained = (await Promise.all(runs.map(({ id }) => registry.getRun(id))))
      .flatMap(({ stages }) => stages)
      .filter(({ stage, state }) => stage === 'fineTune' && state === 'ran');
    // Three trials on half of the data, and the best one on all of it.
    expect(trained).toHaveLength(4);
    expect(await worker.stop()).toBe(0);
  });
});
