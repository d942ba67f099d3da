import { openRegistry } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ApplicationWorker } from './fixtures/application-worker.ts';
import { applications, type ApplicationName } from './fixtures/two-applications.ts';
import type {} from '@overture/durable/testing/provided-context';

let connection: Connection;
let bundles: string;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
  // Bundled once, because each worker starts many times.
  bundles = await mkdtemp(join(tmpdir(), 'overture-two-applications-'));
  for (const name of names) {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'fixtures', `workflows-of-${name}.ts`),
      logger: new DefaultLogger('ERROR'),
    });
    await writeFile(join(bundles, `${name}.js`), code);
  }
});
afterAll(async () => {
  await connection.close();
  await rm(bundles, { recursive: true, force: true });
});

interface KillableWorker extends AsyncDisposable {
  /** Resolves once the worker has begun this many more items, or has ended. */
  begun(items: number): Promise<void>;
  kill(): Promise<void>;
}

async function startWorker(
  application: ApplicationName,
  { schema, databaseUrl }: { readonly schema: string; readonly databaseUrl: string },
): Promise<KillableWorker> {
  const settings: ApplicationWorker = {
    application,
    schema,
    databaseUrl,
    address: inject('temporalAddress'),
    codePath: join(bundles, `${application}.js`),
  };
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fixtures', 'application-worker.ts'), JSON.stringify(settings)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface(child.stdout);
  const ended = once(child, 'exit');
  const said = async (text: string): Promise<void> => {
    for (;;) {
      const line = await Promise.race([
        once(lines, 'line').then(([line]) => line as string),
        ended.then(() => undefined),
      ]);
      if (line === text || line === undefined) return;
    }
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  await said('ready');
  expect(child.exitCode).toBeNull();
  return {
    kill,
    async begun(items) {
      for (let i = 0; i < items; i++) await said('work');
    },
    [Symbol.asyncDispose]: kill,
  };
}

const [runsEach, count, kills] = [6, 12, 4];
const names = Object.keys(applications) as ApplicationName[];

describe('two applications on one server and one database, with equal pipelines and inputs, both busy, their workers killed', () => {
  it.each([
    ['each in a schema of its own', (name: ApplicationName): string => name],
    ['in one schema', () => 'shared'],
  ])('never take or reuse a stage of the other: %s', async (_, schemaOf) => {
    const databaseUrl = await emptyDatabase();
    const client = new Client({ connection });
    const busy = async (application: ApplicationName): Promise<void> => {
      const { taskQueues } = applications[application];
      const schema = schemaOf(application);
      const start = () => startWorker(application, { schema, databaseUrl });
      const workers = [await start(), await start()];
      try {
        const handles = await Promise.all(
          Array.from({ length: runsEach }, (_, salt) =>
            client.workflow.start('mapped', {
              taskQueue: taskQueues.light,
              workflowId: `${application}-${randomUUID()}`,
              args: [{ salt, count }],
            }),
          ),
        );
        for (let i = 0; i < kills; i++) {
          const victim = workers[i % 2] as KillableWorker;
          await Promise.race([victim.begun(4), Promise.all(handles.map((handle) => handle.result()))]);
          await victim.kill();
          workers[i % 2] = await start();
        }
        const results = await Promise.all(
          handles.map(
            (handle) =>
              handle.result() as Promise<{
                listedBy: string;
                workedBy: string[];
                numbers: number[];
                runId: string;
              }>,
          ),
        );
        expect(results.map(({ listedBy, workedBy }) => [listedBy, ...workedBy])).toEqual(
          results.map(() => Array.from({ length: count + 1 }, () => application)),
        );
        expect(results.map(({ numbers }) => numbers)).toEqual(
          results.map((_, salt) => Array.from({ length: count }, (_, i) => salt * count + i)),
        );
        await using registry = await openRegistry({ databaseUrl, schema });
        for (const { runId } of results) {
          const { state, stages } = await registry.getRun(runId);
          expect(state).toBe('completed');
          // Each stage once; none was reused from the other application, whose keys would be equal.
          expect(
            stages
              .filter((stage) => stage.state !== 'failed')
              .map(({ node, state: how }) => `${node} ${how}`)
              .sort(),
          ).toEqual(['list ran', ...Array.from({ length: count }, (_, i) => `work[${i}] ran`)].sort());
        }
      } finally {
        for (const worker of workers) await worker.kill();
      }
    };
    await Promise.all(names.map(busy));
    await using registry = await openRegistry({ databaseUrl, schema: schemaOf('alpha') });
    expect((await registry.listRuns({ limit: 100 })).length).toBe(
      schemaOf('alpha') === 'shared' ? 2 * runsEach : runsEach,
    );
  });
});
