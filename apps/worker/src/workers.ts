import type { ArtifactStore } from '@overture/artifacts';
import { overture } from '@overture/contracts';
import { createWorkers as createDurableWorkers } from '@overture/durable-worker';
import type { StageLogger } from '@overture/execution';
import type { Registry } from '@overture/registry';
import { environmentFacts, stageTable, type StageSettings } from '@overture/stages';
import { workflowsUrl } from '@overture/workflows';
import type { Logger, NativeConnection, Worker } from '@temporalio/worker';
import { join } from 'node:path';
import type { WorkerSettings } from './settings.ts';
import { stagesAtOnce } from './stages-at-once.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** The services and settings that the workers need. */
export interface WorkerParts extends Pick<
  WorkerSettings,
  'namespace' | 'queues' | 'shutdownSeconds' | 'deployment'
> {
  readonly connection: NativeConnection;
  readonly artifacts: ArtifactStore;
  readonly registry: Registry;
  readonly settings: StageSettings;
  readonly logger: StageLogger;
  /** The logger for the Temporal SDK. */
  readonly temporalLogger: Logger;
  /** Temporal's id of the namespace, if known. */
  readonly namespaceId: string | undefined;
}

/**
 * Creates the workers of a process, one per queue: one for workflows and light stages, the other for one
 * training at a time. Neither blocks the other.
 */
export async function createWorkers({
  artifacts,
  registry,
  settings,
  logger,
  temporalLogger,
  queues,
  ...parts
}: WorkerParts): Promise<Worker[]> {
  const bundled = async (): Promise<string> =>
    workflowBundle({
      workflowsUrl,
      cacheDir: join(settings.stateDir, 'workflow-bundles'),
      logger: temporalLogger,
    });
  return createDurableWorkers({
    ...parts,
    application: overture,
    queues,
    stages: stageTable,
    stagesAtOnce,
    workflows: {
      workflowBundle: queues.includes(overture.workflowQueue) ? { codePath: await bundled() } : undefined,
    },
    services: {
      artifacts,
      registry,
      settings,
      stateDir: settings.stateDir,
      logger,
      now: () => performance.now(),
      environment: environmentFacts(settings),
    },
  });
}
