import type { ArtifactStore } from '@overture/artifacts';
import { taskQueues, type QueueName } from '@overture/contracts';
import type { StageRequest } from '@overture/protocol';
import { lookUpActivities, runActivities, stageActivities, unknownStage, type StageLogger } from '@overture/execution';
import type { Registry } from '@overture/registry';
import { environmentFacts, stagesOn, type StageSettings } from '@overture/stages';
import { workflowsUrl } from '@overture/workflows';
import { Worker, type Logger, type NativeConnection } from '@temporalio/worker';
import { join } from 'node:path';
import type { WorkerSettings } from './settings.ts';
import { stagesAtOnce } from './stages-at-once.ts';
import { workflowBundle } from './workflow-bundle.ts';

/** The services and settings that the workers need. */
export interface WorkerParts extends Pick<WorkerSettings, 'namespace' | 'queues' | 'shutdownSeconds' | 'deployment'> {
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
export async function createWorkers({ connection, namespace, queues, shutdownSeconds, deployment, artifacts, registry, settings, logger, temporalLogger, namespaceId }: WorkerParts): Promise<Worker[]> {
  const services = { artifacts, registry, settings, stateDir: settings.stateDir, logger, now: () => performance.now(), environment: environmentFacts(settings) };
  const shared = {
    connection,
    namespace,
    // Running tasks have this long to finish and are then stopped. The next worker resumes a training from
    // its last checkpoint.
    shutdownGraceTime: `${shutdownSeconds} seconds`,
    // A run stays on the version that started it, because its plan depends on that release's stages.
    ...(deployment && { workerDeploymentOptions: { version: { deploymentName: deployment.name, buildId: deployment.buildId }, useWorkerVersioning: true as const, defaultVersioningBehavior: 'PINNED' as const } }),
    // With the client-side limit, the worker would fail the workflow task of a run that exceeds it, and
    // Temporal would retry that task forever. After one Update of 2.5 MB, which even a rejection quotes, a
    // run became unreachable. The server instead fails the run with a message.
    disablePayloadErrorLimit: true,
    // Users watch the progress; Temporal's default delays it by up to 60 seconds.
    maxHeartbeatThrottleInterval: '1 second',
    defaultHeartbeatThrottleInterval: '1 second',
  } as const;
  const stages = (queue: QueueName): Record<string, (request: StageRequest) => Promise<unknown>> => {
    const activities = stageActivities(stagesOn(queue), services);
    return { ...activities, default: unknownStage(Object.keys(activities), taskQueues[queue]) };
  };
  const create: Readonly<Record<QueueName, () => Promise<Worker>>> = {
    light: async () => {
      const codePath = await workflowBundle({ workflowsUrl, cacheDir: join(settings.stateDir, 'workflow-bundles'), logger: temporalLogger });
      return Worker.create({ ...shared, taskQueue: taskQueues.light, workflowBundle: { codePath }, activities: { ...stages('light'), ...lookUpActivities(stagesOn('light'), services), ...runActivities(registry, namespaceId) }, maxConcurrentActivityTaskExecutions: stagesAtOnce.light });
    },
    train: () => Worker.create({ ...shared, taskQueue: taskQueues.train, activities: stages('train'), maxConcurrentActivityTaskExecutions: stagesAtOnce.train }),
  };
  return Promise.all(queues.map((queue) => create[queue]()));
}
