import { artifactPlace, type ArtifactPlace } from '@overture/artifacts';
import { AppError } from '@overture/core';
import { cacheFolder } from '@overture/stack';
import { stageSettings, type StageSettings } from '@overture/stages';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

/** All that a worker is told from outside. */
export interface WorkerSettings {
  readonly temporalAddress: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly artifacts: ArtifactPlace;
  readonly logLevel: string;
  readonly stages: StageSettings;
}

/** What the machine adds to the environment. */
export interface Machine {
  readonly userHome: string;
  readonly platform: NodeJS.Platform;
  /** The folder of the project, for the sample corpus and the default home. */
  readonly projectRoot: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings of a worker from environment variables, all problems at once; see the README for their list.
 * @throws AppError `WORKER_SETTINGS_INVALID`
 */
export async function workerSettings(env: Environment, { userHome, projectRoot, platform }: Machine): Promise<WorkerSettings> {
  const problems: string[] = [];
  const positive = (name: string, fallback: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    if (!/^[1-9]\d*$/.test(text)) problems.push(`${name} must be a whole number from 1. Got ${JSON.stringify(text)} instead.`);
    return Number(text);
  };
  const home = resolve(env['OVERTURE_HOME'] || join(projectRoot, '.overture'));
  const cache = cacheFolder({ env, platform, userHome });
  const databaseUrl = env['DATABASE_URL'] ?? '';
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) problems.push('DATABASE_URL must be postgres://user:password@host:port/database. Start the worker with `npm start`, which sets it, or set it to a Postgres of your own.');
  const threads = positive('OVERTURE_THREADS', Math.min(availableParallelism(), 8));
  const checkpointEverySteps = positive('OVERTURE_CHECKPOINT_STEPS', 50);
  if (problems.length > 0) throw new AppError('WORKER_SETTINGS_INVALID', problems.join(' '), { details: { problems } });
  return {
    temporalAddress: env['TEMPORAL_ADDRESS'] || '127.0.0.1:7233',
    namespace: env['TEMPORAL_NAMESPACE'] || 'default',
    databaseUrl,
    artifacts: artifactPlace(env, { home, cacheDir: cache }),
    logLevel: env['OVERTURE_LOG'] || 'info',
    stages: { ...(await stageSettings(env, { home, cacheDir: cache, userHome, projectRoot })), threads, checkpointEverySteps },
  };
}
