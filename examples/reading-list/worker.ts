import { openFilesystemStore } from '@overture/artifacts';
import { runWorkers } from '@overture/durable-worker';
import { openSqliteRegistry } from '@overture/registry/sqlite';
import { NativeConnection } from '@temporalio/worker';
import { resolve } from 'node:path';
import { reading } from './application.ts';
import { stages } from './stages.ts';

const connection = await NativeConnection.connect({
  address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
});
// On several machines: openRegistry({ databaseUrl, schema: reading.registrySchema }) of '@overture/registry',
// with Postgres.
const registry = await openSqliteRegistry({ file: resolve('registry.sqlite') });
const artifacts = await openFilesystemStore({ root: resolve('artifacts') });

await runWorkers({
  application: reading,
  connection,
  workflows: { workflowsPath: resolve(import.meta.dirname, 'workflows.ts') },
  stages,
  services: {
    artifacts,
    registry,
    settings: { root: resolve('.') },
    stateDir: resolve('state'),
    logger: { info: console.info, warn: console.warn },
    now: () => performance.now(),
  },
  onReady: () => console.info('The worker is ready.'),
});
await registry.close();
await connection.close();
