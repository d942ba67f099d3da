import type { ArtifactStore } from '@overture/artifacts';
import { taskQueues, type QueueName, type StageRequest } from '@overture/contracts';
import { runActivities, stageActivities, unknownStage, type StageLogger } from '@overture/execution';
import type { Registry } from '@overture/registry';
import { environmentFacts, stagesOn, type StageSettings } from '@overture/stages';
import { workflowsUrl } from '@overture/workflows';
import { Worker, type Logger, type NativeConnection } from '@temporalio/worker';
import { join } from 'node:path';
import { workflowBundle } from './workflow-bundle.ts';

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly artifacts: ArtifactStore;
  readonly registry: Registry;
  readonly settings: StageSettings;
  readonly logger: StageLogger;
  /** For Temporal's own words. */
  readonly temporalLogger: Logger;
}

/** A training has this long to write its checkpoint, then is stopped; the next worker goes on from there. */
const shutdownGraceTime = '10 seconds';

/**
 * The two workers of a process: light stages and workflows side by side on one queue, one training at a time on the
 * other, so that neither waits for the other.
 */
export async function createWorkers({ connection, namespace, artifacts, registry, settings, logger, temporalLogger }: WorkerParts): Promise<Worker[]> {
  const services = { artifacts, registry, settings, stateDir: settings.stateDir, logger, now: () => performance.now(), environment: environmentFacts() };
  const shared = {
    connection,
    namespace,
    shutdownGraceTime,
    // Progress is looked at by people: Temporal's own default shows it up to 60 seconds late.
    maxHeartbeatThrottleInterval: '2 seconds',
    defaultHeartbeatThrottleInterval: '2 seconds',
  } as const;
  const stages = (queue: QueueName): Record<string, (request: StageRequest) => Promise<unknown>> => {
    const activities = stageActivities(stagesOn(queue), services);
    return { ...activities, default: unknownStage(Object.keys(activities), taskQueues[queue]) };
  };
  const codePath = await workflowBundle({ workflowsUrl, cacheDir: join(settings.stateDir, 'workflow-bundles'), logger: temporalLogger });
  return Promise.all([
    Worker.create({ ...shared, taskQueue: taskQueues.light, workflowBundle: { codePath }, activities: { ...stages('light'), ...runActivities(registry) }, maxConcurrentActivityTaskExecutions: 8 }),
    Worker.create({ ...shared, taskQueue: taskQueues.train, activities: stages('train'), maxConcurrentActivityTaskExecutions: 1 }),
  ]);
}
