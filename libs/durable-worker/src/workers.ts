import { AppError } from '@overture/core';
import type { StageContract } from '@overture/dag';
import type { StageImplementation, StageServices } from '@overture/execution';
import { assertApplication, type Application, type StageRequest } from '@overture/protocol';
import type { RunRegistry } from '@overture/registry';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { lookUpActivities } from './look-up-activities.ts';
import { runActivities } from './run-activities.ts';
import { stageActivities, unknownStage } from './stage-activities.ts';

/** The services of an application's stages, with a registry that also stores runs. */
export type WorkerServices<Settings, AppRegistry = unknown> = StageServices<Settings, AppRegistry> & {
  readonly registry: RunRegistry;
};

/** Options of `createWorkers`. */
export interface WorkersOptions<Settings, Queue extends string, AppRegistry = unknown> {
  readonly application: Application<Queue>;
  readonly connection: NativeConnection;
  /** Default: `default`. */
  readonly namespace?: string;
  /** Temporal's id of the namespace, if known; see `namespaceIdOf`. */
  readonly namespaceId?: string;
  /** The module that exports the workflows, or a finished bundle of it. */
  readonly workflows: Pick<WorkerOptions, 'workflowsPath'> | Pick<WorkerOptions, 'workflowBundle'>;
  /** All stages of the application. Each worker runs those of its queue. */
  readonly stages: readonly StageImplementation<StageContract, Settings, AppRegistry>[];
  readonly services: WorkerServices<Settings, NoInfer<AppRegistry>>;
  /** The queues that this process serves. Default: all. */
  readonly queues?: readonly Queue[];
  /** Maximum number of stages per queue that run at the same time. Default: 8. */
  readonly stagesAtOnce?: Partial<Readonly<Record<Queue, number>>>;
  /** How long running stages may continue after the process is asked to stop, in seconds. Default: 10. */
  readonly shutdownSeconds?: number;
  /** The deployment version of the worker, if Temporal routes runs by version. */
  readonly deployment?: { readonly name: string; readonly buildId: string };
}

const defaultStagesAtOnce = 8;

/**
 * Creates the workers of a process, one per queue, so that no queue blocks another. The worker of the
 * application's first queue also runs the workflows.
 * @throws AppError `QUEUE_UNKNOWN` if a stage names a queue that the application does not have
 */
export async function createWorkers<Settings, Queue extends string, AppRegistry>(
  options: WorkersOptions<Settings, Queue, AppRegistry>,
): Promise<Worker[]> {
  const {
    application,
    connection,
    namespace,
    namespaceId,
    workflows,
    stages,
    shutdownSeconds = 10,
    deployment,
  } = options;
  assertApplication(application, 'createWorkers');
  const { taskQueues, workflowQueue } = application;
  const stagesAtOnce: Partial<Readonly<Record<Queue, number>>> = options.stagesAtOnce ?? {};
  assertQueues(application, stages);
  const services: WorkerServices<Settings, AppRegistry> = {
    ...options.services,
    ...(application.cacheScope !== null && { cacheScope: application.cacheScope }),
  };
  const shared = {
    connection,
    namespace,
    // Running stages have this long to finish and are then stopped. The next worker resumes a stage from its
    // last checkpoint.
    shutdownGraceTime: `${shutdownSeconds} seconds`,
    // A run stays on the version that started it, because its plan depends on that release's stages.
    ...(deployment && {
      workerDeploymentOptions: {
        version: { deploymentName: deployment.name, buildId: deployment.buildId },
        useWorkerVersioning: true as const,
        defaultVersioningBehavior: 'PINNED' as const,
      },
    }),
    // With the client-side limit, the worker would fail the workflow task of a run that exceeds it, and
    // Temporal would retry that task forever. After one Update of 2.5 MB, which even a rejection quotes, a
    // run became unreachable. The server instead fails the run with a message.
    disablePayloadErrorLimit: true,
    // Users watch the progress; Temporal's default delays it by up to 60 seconds.
    maxHeartbeatThrottleInterval: '1 second',
    defaultHeartbeatThrottleInterval: '1 second',
  } as const;
  const create = (queue: Queue): Promise<Worker> => {
    const own = stages.filter(({ contract }) => contract.queue === queue);
    const activities = stageActivities(own, services);
    const withDefault: Record<string, (request: StageRequest) => Promise<unknown>> = {
      ...activities,
      default: unknownStage(Object.keys(activities), taskQueues[queue]),
    };
    return Worker.create({
      ...shared,
      taskQueue: taskQueues[queue],
      maxConcurrentActivityTaskExecutions: stagesAtOnce[queue] ?? defaultStagesAtOnce,
      ...(queue === workflowQueue
        ? {
            ...workflows,
            activities: {
              ...withDefault,
              ...lookUpActivities(own, services),
              ...runActivities(services.registry, namespaceId),
            },
          }
        : { activities: withDefault }),
    });
  };
  return Promise.all((options.queues ?? (Object.keys(taskQueues) as Queue[])).map(create));
}

function assertQueues(
  { name, taskQueues }: Application,
  stages: readonly StageImplementation<StageContract, never>[],
): void {
  const lost = stages.find(({ contract }) => !Object.hasOwn(taskQueues, contract.queue));
  if (lost === undefined) return;
  throw new AppError(
    'QUEUE_UNKNOWN',
    `The queue of stage ${lost.contract.name} must be one of the application ${name}: ${Object.keys(taskQueues).join(', ')}. Got ${lost.contract.queue} instead.`,
  );
}
