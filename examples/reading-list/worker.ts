import { openFilesystemStore } from '@overture/artifacts';
import { runWorkers } from '@overture/durable-worker';
import { openRegistry } from '@overture/registry';
import { NativeConnection } from '@temporalio/worker';
import { resolve } from 'node:path';
import { reading } from './application.ts';
import { stages } from './stages.ts';

const { DATABASE_URL = 'postgres://localhost:5432/postgres', TEMPORAL_ADDRESS = '127.0.0.1:7233' } = process.env;
const connection = await NativeConnection.connect({ address: TEMPORAL_ADDRESS });
const registry = await openRegistry({ databaseUrl: DATABASE_URL, schema: reading.name });
const artifacts = await openFilesystemStore({ root: resolve('artifacts') });

await runWorkers({
  application: reading,
  connection,
  workflows: { workflowsPath: resolve(import.meta.dirname, 'workflows.ts') },
  stages,
  services: { artifacts, registry, settings: { root: resolve('.') }, stateDir: resolve('state'), logger: { info: console.info, warn: console.warn }, now: () => performance.now() },
  onReady: () => console.info('The worker is ready.'),
});
await registry.close();
await connection.close();
