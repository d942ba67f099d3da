import type { ArtifactStore } from '@overture/artifacts';
import { taskQueues, type QueueName, type StageRequest } from '@overture/contracts';
import { lookUpActivities, runActivities, stageActivities, unknownStage, type StageLogger } from '@overture/execution';
import type { Registry } from '@overture/registry';
import { environmentFacts, stagesOn, type StageSettings } from '@overture/stages';
import { workflowsUrl } from '@overture/workflows';
import { Worker, type Logger, type NativeConnection } from '@temporalio/worker';
import { join } from 'node:path';
import type { WorkerSettings } from './settings.ts';
import { stagesAtOnce } from './stages-at-once.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface WorkerParts extends Pick<WorkerSettings, 'namespace' | 'queues' | 'shutdownSeconds' | 'deployment'> {
  readonly connection: NativeConnection;
  readonly artifacts: ArtifactStore;
  readonly registry: Registry;
  readonly settings: StageSettings;
  readonly logger: StageLogger;
  /** For Temporal's own words. */
  readonly temporalLogger: Logger;
  /** Temporal's id of the namespace. */
  readonly namespaceId: string | undefined;
}

/**
 * The workers of a process, one for each queue: light stages and workflows side by side on one, one training at a time on
 * the other, so that neither waits for the other.
 */
export async function createWorkers({ connection, namespace, queues, shutdownSeconds, deployment, artifacts, registry, settings, logger, temporalLogger, namespaceId }: WorkerParts): Promise<Worker[]> {
  const services = { artifacts, registry, settings, stateDir: settings.stateDir, logger, now: () => performance.now(), environment: environmentFacts(settings) };
  const shared = {
    connection,
    namespace,
    // What runs has this long to end, then is stopped; a training goes on from its last checkpoint under the next worker.
    shutdownGraceTime: `${shutdownSeconds} seconds`,
    // A run stays with the version that began it: its plan counts on that release's stages.
    ...(deployment && { workerDeploymentOptions: { version: { deploymentName: deployment.name, buildId: deployment.buildId }, useWorkerVersioning: true as const, defaultVersioningBehavior: 'PINNED' as const } }),
    // A worker that keeps to the server's limits fails the workflow task of a run that exceeds them, which Temporal repeats for ever: after one Update
    // of 2.5 MB, which even a refusal quotes, a run could not be reached any more. The server fails the run, with a message.
    disablePayloadErrorLimit: true,
    // Progress is looked at by people: Temporal's own default shows it up to 60 seconds late.
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
