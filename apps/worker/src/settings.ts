import { artifactPlace, type ArtifactPlace } from '@overture/artifacts';
import { taskQueues, type QueueName } from '@overture/contracts';
import { AppError } from '@overture/core';
import { schemaProblem } from '@overture/registry/registry-schema';
import { assertUsableFolder, cacheFolder, temporalSettings } from '@overture/stack';
import { stageSettings, type StageSettings } from '@overture/stages';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

/** The settings of a worker. */
export interface WorkerSettings {
  /** Address, TLS and API key of the Temporal server. */
  readonly temporal: NativeConnectionOptions & { readonly address: string };
  readonly namespace: string;
  /** The task queues that this worker serves. */
  readonly queues: readonly QueueName[];
  /** How long running tasks may continue after the worker is asked to stop, in seconds. */
  readonly shutdownSeconds: number;
  /** The deployment version of this worker, if Temporal routes runs by version. */
  readonly deployment: { readonly name: string; readonly buildId: string } | undefined;
  readonly databaseUrl: string;
  /** The Postgres schema of the registry, if it is not the default. */
  readonly registrySchema: string | undefined;
  readonly artifacts: ArtifactPlace;
  readonly logLevel: string;
  readonly stages: StageSettings;
}

/** Facts about the machine that the environment variables do not contain. */
export interface Machine {
  readonly userHome: string;
  readonly platform: NodeJS.Platform;
  /** The project's folder, for the sample corpus and the default home. */
  readonly projectRoot: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a worker's settings from environment variables; the README lists them.
 * @throws AppError `WORKER_SETTINGS_INVALID` with all problems at once
 */
export async function workerSettings(
  env: Environment,
  { userHome, projectRoot, platform }: Machine,
): Promise<WorkerSettings> {
  const problems: string[] = [];
  const whole = (name: string, fallback: number, least = 1): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    if (!/^\d+$/.test(text) || Number(text) < least)
      problems.push(`${name} must be a whole number from ${least}. Got ${JSON.stringify(text)} instead.`);
    return Number(text);
  };
  const home = resolve(env['OVERTURE_HOME'] || join(projectRoot, '.overture'));
  assertUsableFolder(home, 'OVERTURE_HOME');
  const cache = cacheFolder({ env, platform, userHome });
  const databaseUrl = env['DATABASE_URL'] ?? '';
  if (!/^postgres(ql)?:\/\//.test(databaseUrl))
    problems.push(
      'DATABASE_URL must be postgres://user:password@host:port/database. Start the worker with `npm start`, which sets it, or set it to a Postgres of your own.',
    );
  const registrySchema = env['OVERTURE_REGISTRY_SCHEMA'] || undefined;
  const must = registrySchema && schemaProblem(registrySchema);
  if (must)
    problems.push(`OVERTURE_REGISTRY_SCHEMA must ${must}. Got ${JSON.stringify(registrySchema)} instead.`);
  const threads = whole('OVERTURE_THREADS', Math.min(availableParallelism(), 8));
  const checkpointEverySteps = whole('OVERTURE_CHECKPOINT_STEPS', 50);
  const shutdownSeconds = whole('OVERTURE_SHUTDOWN_SECONDS', 10, 0);
  const queues = (env['OVERTURE_QUEUES'] || Object.keys(taskQueues).join())
    .split(',')
    .map((name) => name.trim());
  for (const name of queues)
    if (!Object.hasOwn(taskQueues, name))
      problems.push(
        `OVERTURE_QUEUES must list queues out of ${Object.keys(taskQueues).join(', ')}, joined by commas. Got ${JSON.stringify(name)} instead.`,
      );
  const [deploymentName, buildId] = [
    env['TEMPORAL_DEPLOYMENT_NAME'] || undefined,
    env['TEMPORAL_WORKER_BUILD_ID'] || undefined,
  ];
  if ((deploymentName === undefined) !== (buildId === undefined))
    problems.push(
      'TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID go together: the name of the deployment and the version of this worker. Got only one of them.',
    );
  const temporal = temporalConnection(env, problems);
  if (problems.length > 0)
    throw new AppError('WORKER_SETTINGS_INVALID', problems.join(' '), { details: { problems } });
  return {
    ...temporal,
    queues: queues as QueueName[],
    shutdownSeconds,
    deployment:
      deploymentName === undefined || buildId === undefined ? undefined : { name: deploymentName, buildId },
    databaseUrl,
    registrySchema,
    artifacts: artifactPlace(env, { home, cacheDir: cache }),
    logLevel: env['OVERTURE_LOG'] || 'info',
    stages: {
      ...(await stageSettings(env, { home, cacheDir: cache, userHome, projectRoot })),
      threads,
      checkpointEverySteps,
    },
  };
}

function temporalConnection(
  env: Environment,
  problems: string[],
): Pick<WorkerSettings, 'temporal' | 'namespace'> {
  try {
    const { address, namespace, access } = temporalSettings(env);
    return {
      temporal: { ...access, address: address ?? '127.0.0.1:7233' },
      namespace: namespace ?? 'default',
    };
  } catch (error) {
    problems.push((error as Error).message);
    return { temporal: { address: '' }, namespace: '' };
  }
}
