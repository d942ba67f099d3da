import { openArtifacts } from '@overture/artifacts';
import {
  lookUpActivities,
  namespaceIdOf,
  registerSearchAttributes,
  runActivities,
  stageActivities,
} from '@overture/durable-worker';
import { implement } from '@overture/execution';
import type { LookUpActivities } from '@overture/protocol';
import { openRegistry, type Registry } from '@overture/registry';
import { createTestDatabase, startTestPostgres } from '@overture/registry/testing';
import { temporalProcess } from '@overture/stack/testing';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type ReplayHistoriesIterable,
} from '@temporalio/worker';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { act, list, matrixApplication, step } from './matrix-pipeline.ts';
import { StageGates } from './stage-gates.ts';

/** The servers, the worker and the stages of the matrix. */
export interface MatrixWorld extends AsyncDisposable {
  readonly client: Client;
  readonly registry: Registry;
  readonly gates: StageGates;
  readonly taskQueue: string;
  /**
   * Replays every history on the server, and returns an error for each workflow whose code disagrees with it.
   */
  replayed(): Promise<{ readonly count: number; readonly problems: string[] }>;
  sql<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]>;
}

/** Starts a Temporal server and a Postgres of the matrix's own, and a worker in this process. */
export async function openMatrixWorld(): Promise<MatrixWorld> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'overture-matrix-'));
  opened.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined));
  // Pausing a workflow is an experimental feature that servers have, but do not enable.
  const temporal = opened.use(
    await temporalProcess(join(folder, 'temporal.db'), ['default'], ['frontend.WorkflowPauseEnabled=true']),
  );
  const databaseUrl = await createTestDatabase(opened.use(await startTestPostgres()).url);
  const registry = opened.use(await openRegistry({ databaseUrl }));
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  // It ends before its connections have closed, and Postgres stops meanwhile.
  pool.on('error', () => undefined);
  opened.defer(() => pool.end());
  const connection = await Connection.connect({ address: temporal.address });
  opened.defer(() => connection.close());
  await registerSearchAttributes(connection, {
    namespace: 'default',
    searchAttributes: matrixApplication.searchAttributes,
  });
  const client = new Client({ connection, identity: 'matrix' });

  const gates = new StageGates();
  const services = {
    registry,
    artifacts: await openArtifacts({ kind: 'folder', root: join(folder, 'artifacts') }),
    settings: undefined,
    stateDir: folder,
    logger: { info: () => undefined, warn: () => undefined },
    now: () => performance.now(),
  };
  const stages = [
    implement(step, async (input, context) => ({ value: await gates.run(input, context) })),
    implement(act, async (input, context) => ({ value: await gates.run(input, context) })),
    implement(list, async (input, context) => ({
      value: await gates.run(input, context),
      places: ['first', 'second'],
    })),
  ];
  const bundle = await workflowBundle();
  const native = await NativeConnection.connect({ address: temporal.address });
  opened.defer(() => native.close());
  const worker = await Worker.create({
    connection: native,
    taskQueue: matrixApplication.taskQueues.light,
    workflowBundle: bundle,
    activities: {
      ...stageActivities(stages, services),
      ...cutShort(lookUpActivities(stages, services), gates),
      ...runActivities(registry, await namespaceIdOf(client)),
    },
    maxConcurrentActivityTaskExecutions: 500,
    maxHeartbeatThrottleInterval: '200ms',
    defaultHeartbeatThrottleInterval: '200ms',
    disablePayloadErrorLimit: true,
    shutdownGraceTime: '1 second',
  });
  const running = worker.run();
  opened.defer(async () => {
    gates.open();
    worker.shutdown();
    await running;
  });
  const left = opened.move();
  return {
    client,
    registry,
    gates,
    taskQueue: matrixApplication.taskQueues.light,
    sql: async <Row extends object>(text: string, values: readonly unknown[]) =>
      (await pool.query<Row>(text, [...values])).rows,
    async replayed() {
      let count = 0;
      const problems: string[] = [];
      for await (const { workflowId, runId, error } of Worker.runReplayHistories(
        { workflowBundle: bundle },
        histories(client),
      )) {
        count++;
        if (error !== undefined) problems.push(`${workflowId} (${runId}): ${error.message}`);
      }
      return { count, problems };
    },
    [Symbol.asyncDispose]: () => left.disposeAsync(),
  };
}

async function* histories(client: Client): ReplayHistoriesIterable {
  for await (const { workflowId, runId } of client.workflow.list())
    yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
}

let installed = false;

async function workflowBundle(): ReturnType<typeof bundleWorkflowCode> {
  // The runtime can be installed only once per process.
  if (!installed)
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: 'ERROR' } },
    });
  installed = true;
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('matrix-workflows.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
}

/**
 * Cuts each run's first look-up short, as a long one would be, so that histories have the timer between two
 * look-ups. Gates can hold look-ups.
 */
function cutShort({ lookUpStages }: LookUpActivities, gates: StageGates): LookUpActivities {
  const asked = new Set<string>();
  return {
    async lookUpStages(request) {
      await gates.lookUp(
        request.run.slice(0, request.run.lastIndexOf('/')),
        Context.current().cancellationSignal,
      );
      if (asked.has(request.run)) return lookUpStages(request);
      asked.add(request.run);
      return { known: [], more: true };
    },
  };
}
