import { artifactPlace, openArtifacts } from '@overture/artifacts';
import { searchAttributes, taskQueues } from '@overture/contracts';
import { lookUpActivities, runActivities, stageActivities } from '@overture/durable-worker';
import { implement } from '@overture/execution';
import { openRegistry } from '@overture/registry';
import { cacheFolder, openStack } from '@overture/stack';
import { stagesAtOnce } from '@overture/worker';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { noOp, type Shape } from './no-op-dag.ts';

/** Seconds of each way to run a shape, by round. */
export interface Rounds {
  readonly wide: number;
  readonly deep: number;
  readonly overture: number[];
  readonly bare: number[];
  /** A rerun of Overture with the salt of the round, in which every stage is reused. */
  readonly reused: number[];
  /** Events and bytes of the last durable run's history. */
  readonly history: { readonly events: number; readonly bytes: number };
}

/**
 * Runs the shapes on the benchmark's own stack (Temporal on its database file, Postgres) with one worker in
 * this process. The worker's concurrency is the same as in the product. The two ways alternate, in changing
 * order.
 */
export async function measureOverture(
  shapes: readonly Omit<Shape, 'salt'>[],
  rounds: number,
  log: (line: string) => void,
): Promise<Rounds[]> {
  const home = await mkdtemp(join(tmpdir(), 'overture-bench-dag-'));
  await using left = new AsyncDisposableStack();
  left.defer(() => rm(home, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined));
  const cacheDir = cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() });
  const stack = left.use(
    await openStack({
      home,
      cacheDir,
      env: { ...process.env, TEMPORAL_ADDRESS: undefined, DATABASE_URL: undefined },
      searchAttributes,
    }),
  );
  const registry = left.use(await openRegistry({ databaseUrl: stack.databaseUrl }));
  Runtime.install({ logger: new DefaultLogger('WARN'), telemetryOptions: { logging: { filter: 'ERROR' } } });
  const connection = await NativeConnection.connect({ address: stack.temporalAddress });
  const services = {
    registry,
    artifacts: await openArtifacts(artifactPlace({}, { home, cacheDir })),
    settings: undefined,
    stateDir: home,
    logger: {
      info: () => undefined,
      warn: (details: object, message: string) => log(`${message} ${JSON.stringify(details)}`),
    },
    now: () => performance.now(),
  };
  const stage = implement(noOp, async ({ place }) => ({ value: place }));
  const worker = await Worker.create({
    connection,
    taskQueue: taskQueues.light,
    workflowsPath: join(import.meta.dirname, 'dag-workflows.ts'),
    activities: {
      ...stageActivities([stage], services),
      ...lookUpActivities([stage], services),
      ...runActivities(registry),
      bareNoOp: async ({ place }: { place: number }) => ({ value: place }),
    },
    maxConcurrentActivityTaskExecutions: stagesAtOnce.light,
  });
  const running = worker.run();
  const client = new Client({ connection: await Connection.connect({ address: stack.temporalAddress }) });
  const timed = async (
    type: 'overtureDag' | 'bareDag',
    given: Shape,
  ): Promise<{ seconds: number; id: string }> => {
    const id = `${type}-${randomUUID()}`;
    const from = performance.now();
    await client.workflow.execute(type, {
      taskQueue: taskQueues.light,
      workflowId: id,
      args:
        type === 'bareDag'
          ? [given]
          : [given, { onStageFailure: 'fail', parkTimeoutHours: 1, continueAfterEvents: 40_000 }],
    });
    return { seconds: (performance.now() - from) / 1000, id };
  };
  try {
    // Warms up compilation, connections and prepared statements.
    for (const type of ['overtureDag', 'bareDag'] as const) await timed(type, { wide: 4, deep: 2, salt: -1 });
    const results: Rounds[] = [];
    let salt = 0;
    for (const { wide, deep } of shapes) {
      const result: Rounds = {
        wide,
        deep,
        overture: [],
        bare: [],
        reused: [],
        history: { events: 0, bytes: 0 },
      };
      let last = '';
      // One round that does not count, as a warm-up.
      for (const type of ['overtureDag', 'bareDag'] as const) await timed(type, { wide, deep, salt: salt++ });
      for (let round = 0; round < rounds; round++) {
        const given = { wide, deep, salt: salt++ };
        for (const type of round % 2 === 0
          ? (['overtureDag', 'bareDag'] as const)
          : (['bareDag', 'overtureDag'] as const)) {
          const { seconds, id } = await timed(type, given);
          (type === 'bareDag' ? result.bare : result.overture).push(seconds);
          if (type === 'overtureDag') last = id;
        }
        result.reused.push((await timed('overtureDag', given)).seconds);
        log(
          `${wide} wide, ${deep} deep, round ${round + 1}/${rounds}: Overture ${result.overture.at(-1)?.toFixed(2)} s, bare ${result.bare.at(-1)?.toFixed(2)} s, all reused ${result.reused.at(-1)?.toFixed(2)} s`,
        );
      }
      const { historyLength, historySize = 0 } = await client.workflow.getHandle(last).describe();
      results.push({ ...result, history: { events: historyLength, bytes: historySize } });
    }
    return results;
  } finally {
    worker.shutdown();
    await running;
    await client.connection.close();
    await connection.close();
  }
}
