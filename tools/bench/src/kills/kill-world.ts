import { taskQueues, type TrainResult } from '@overture/contracts';
import { createTestDatabase, type TestPostgres } from '@overture/registry/testing';
import type { TemporalProcess } from '@overture/stack/testing';
import { startWorker, type WorkerProcess } from '@overture/worker/testing';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { root } from '../write-report.ts';

/** One case's own namespace, database, home and workers, and one run on them. */
export interface KillWorld extends AsyncDisposable {
  readonly home: string;
  readonly databaseUrl: string;
  readonly workers: readonly WorkerProcess[];
  worker(): Promise<WorkerProcess>;
  /** Starts the run to be disturbed. */
  start(): Promise<void>;
  /** Its result, even if the server is temporarily unavailable. */
  result(): Promise<TrainResult>;
  sql<Row extends object>(text: string): Promise<Row[]>;
  /**
   * Waits until a new checkpoint is written.
   * @returns the worker that trains
   */
  training(): Promise<WorkerProcess>;
}

/** The servers of a case. */
export interface KillServers {
  readonly temporal: TemporalProcess;
  readonly postgres: TestPostgres;
}

const corpus = join(root, 'data', 'sample', 'helpdesk.jsonl');
const input = {
  base: 'tiny',
  corpus: { uri: corpus },
  training: { epochs: 6, learningRate: 1e-3, batchSize: 4, maxLength: 64 },
  evaluation: { bootstrapSamples: 200 },
  onStageFailure: 'fail',
};
const patienceMs = 300_000;

/** Creates the world of one case. */
export async function killWorld(
  folder: string,
  namespace: string,
  { temporal, postgres }: KillServers,
): Promise<KillWorld> {
  const home = join(folder, namespace);
  await mkdir(home);
  const databaseUrl = await createTestDatabase(postgres.url);
  const workers: WorkerProcess[] = [];
  const env = {
    OVERTURE_HOME: home,
    OVERTURE_CACHE: join(folder, 'cache'),
    OVERTURE_THREADS: '1',
    OVERTURE_CHECKPOINT_STEPS: '3',
    OVERTURE_LOG: 'warn',
    HF_HUB_OFFLINE: '1',
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: namespace,
    DATABASE_URL: databaseUrl,
  };
  const withClient = async <T>(use: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address: temporal.address });
    return use(new Client({ connection, namespace })).finally(() => connection.close());
  };
  const manifests = async (): Promise<string> =>
    (await readdir(join(home, 'checkpoints'), { recursive: true }).catch(() => []))
      .filter((name) => name.includes('manifest'))
      .join();
  return {
    home,
    databaseUrl,
    workers,
    async worker() {
      const worker = await startWorker(env);
      workers.push(worker);
      return worker;
    },
    start: () =>
      withClient(
        async (client) =>
          void (await client.workflow.start('trainInitiativeModel', {
            taskQueue: taskQueues.light,
            workflowId: 'disturbed',
            args: [input],
          })),
      ),
    async result() {
      for (const until = Date.now() + patienceMs; ;) {
        try {
          return await withClient((client) =>
            client.withDeadline(
              until,
              async () => (await client.workflow.getHandle('disturbed').result()) as TrainResult,
            ),
          );
        } catch (thrown) {
          if (thrown instanceof WorkflowFailedError) throw thrown.cause ?? thrown;
          if (Date.now() > until)
            throw new Error(
              `The run should have ended within ${patienceMs / 1000} s. The workers said: ${workers.map((worker) => worker.log()).join('\n')}`,
              { cause: thrown },
            );
          await sleep(500);
        }
      }
    },
    async sql<Row extends object>(text: string) {
      const client = new pg.Client(databaseUrl);
      await client.connect();
      return client
        .query<Row>(text)
        .then(({ rows }) => rows)
        .finally(() => client.end());
    },
    async training() {
      const before = await manifests();
      for (const until = performance.now() + patienceMs; performance.now() < until; await sleep(50)) {
        const busy = workers.find((worker) => worker.alive() && worker.descendants().length > 0);
        if (busy !== undefined && (await manifests()) !== before) return busy;
      }
      throw new Error(
        `A training should run. The workers said: ${workers.map((worker) => worker.log()).join('\n')}`,
      );
    },
    async [Symbol.asyncDispose]() {
      for (const worker of workers) await worker.kill().catch(() => undefined);
    },
  };
}
