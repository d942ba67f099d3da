import { isAlive } from '@overture/artifacts';
import { taskQueues } from '@overture/contracts';
import { emptyDatabase } from '@overture/registry/testing';
import { temporalProcess } from '@overture/stack/testing';
import { Client, Connection } from '@temporalio/client';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { helpDesk } from './testing/help-desk.ts';
import { startWorker } from './testing/worker-process.ts';

it('ends soon when its parent is gone in the middle of a training, also where Temporal is gone and Postgres silent', async () => {
  await using left = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'overture-worker-ends-'));
  left.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const corpus = join(folder, 'help-desk.jsonl');
  await writeFile(corpus, helpDesk(400));
  const temporal = left.use(await temporalProcess(join(folder, 'temporal.db')));
  const postgres = left.use(await silenceable(await emptyDatabase()));
  const worker = await startWorker({
    OVERTURE_HOME: join(folder, 'home'),
    OVERTURE_CACHE: join(folder, 'cache'),
    OVERTURE_THREADS: '1',
    OVERTURE_SHUTDOWN_SECONDS: '1',
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: postgres.url,
    HF_HUB_OFFLINE: '1',
  });
  left.defer(() => worker.kill());
  const connection = await Connection.connect({ address: temporal.address });
  left.defer(() => connection.close());
  await new Client({ connection }).workflow.start('trainInitiativeModel', {
    taskQueue: taskQueues.light,
    workflowId: 'forsaken',
    args: [{ base: 'tiny', corpus: { uri: corpus }, training: { epochs: 100, batchSize: 1, maxLength: 64 } }],
  });
  await expect.poll(() => worker.descendants().length).toBeGreaterThan(0);

  const trainers = worker.descendants();
  postgres.silence();
  await temporal.kill();
  const from = performance.now();
  await worker.orphan();
  // It gives up after 11 s. Without that limit, its connections would keep it alive for more than two
  // minutes.
  expect((performance.now() - from) / 1000).toBeLessThan(60);
  await expect.poll(() => trainers.filter(isAlive)).toEqual([]);
});

/**
 * A proxy to a database that can fall silent: it then accepts everything and returns nothing, like a machine
 * that has lost its network.
 */
async function silenceable(
  databaseUrl: string,
): Promise<AsyncDisposable & { readonly url: string; silence(): void }> {
  const { hostname, port } = new URL(databaseUrl);
  let silent = false;
  const server = createServer((socket) => {
    const database = connect(Number(port), hostname);
    for (const [from, to] of [
      [socket, database],
      [database, socket],
    ] as const) {
      from
        .on('data', (bytes) => silent || to.write(bytes))
        .on('error', () => to.destroy())
        .on('close', () => silent || to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = Object.assign(new URL(databaseUrl), { port: `${(server.address() as AddressInfo).port}` }).href;
  return { url, silence: () => void (silent = true), [Symbol.asyncDispose]: async () => void server.close() };
}
