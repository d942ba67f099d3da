import { taskQueues } from '@overture/contracts';
import { openRegistry, type Registry } from '@overture/registry';
import { createTestDatabase, startTestPostgres } from '@overture/registry/testing';
import { temporalProcess } from '@overture/stack/testing';
import { startWorker, type WorkerProcess } from '@overture/worker/testing';
import { Client, Connection } from '@temporalio/client';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Real servers and one real worker in a temporary home, as in a user's stack. */
export interface WorkerWorld extends AsyncDisposable {
  readonly home: string;
  readonly worker: WorkerProcess;
  readonly client: Client;
  readonly registry: Registry;
  /** For commands: the same home and database. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts a workflow with a new id. */
  start(
    workflow: string,
    workflowId: string,
    input: unknown,
  ): Promise<{ result(): Promise<unknown>; cancel(): Promise<void> }>;
}

/** Starts everything. Disposing of it ends everything and removes the home. */
export async function workerWorld(name: string): Promise<WorkerWorld> {
  // Servers and workers are ended by `exit` handlers, which a signal alone does not run.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.setMaxListeners(100);
  await using left = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), `overture-${name}-`));
  left.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined));
  const temporal = left.use(await temporalProcess(join(folder, 'temporal.db'), ['default']));
  const postgres = left.use(await startTestPostgres());
  const home = join(folder, 'home');
  await mkdir(home);
  const databaseUrl = await createTestDatabase(postgres.url);
  const env = {
    OVERTURE_HOME: home,
    OVERTURE_CACHE: join(folder, 'cache'),
    OVERTURE_LOG: 'warn',
    HF_HUB_OFFLINE: '1',
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'default',
    DATABASE_URL: databaseUrl,
  };
  const worker = await startWorker(env);
  left.defer(() => worker.kill().catch(() => undefined));
  const connection = await Connection.connect({ address: temporal.address });
  left.defer(() => connection.close());
  const registry = left.use(await openRegistry({ databaseUrl }));
  const client = new Client({ connection, namespace: 'default' });
  const all = left.move();
  return {
    home,
    worker,
    client,
    registry,
    env,
    async start(workflow, workflowId, input) {
      const handle = await client.workflow.start(workflow, {
        taskQueue: taskQueues.light,
        workflowId,
        args: [input],
      });
      return { result: () => handle.result(), cancel: async () => void (await handle.cancel()) };
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
