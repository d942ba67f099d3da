import { join } from 'node:path';
import { AppError } from '@overture/core';
import { childEnvironment } from './child-environment.ts';
import { startGuardian, type Guardian } from './guardian/start-guardian.ts';
import { prepareLogs } from './log-files.ts';
import type { HomePaths } from './paths.ts';
import { prepareCluster } from './postgres/prepare-cluster.ts';
import {
  clearStalePostmaster,
  clusterUrl,
  postgresReady,
  postgresServerSpec,
} from './postgres/postgres-server.ts';
import type { StackOptions } from './stack-options.ts';
import { choosePorts, type StackPorts } from './stack-ports.ts';
import type { Service } from './stack-state.ts';
import { watchStart, type StartWatch } from './start-watch.ts';
import { temporalReady, temporalServerSpec } from './temporal/temporal-server.ts';
import { workerSpec } from './worker-process.ts';

/** Running services, and the guardian that ends them. */
export interface RunningServices {
  readonly guardian: Guardian;
  readonly temporalAddress: string | undefined;
  readonly uiUrl: string | undefined;
  readonly databaseUrl: string;
}

/** The services to start, and where. */
export interface ServicesRequest {
  readonly paths: HomePaths;
  /** The token of the stack lock, which the caller holds. */
  readonly lockToken: string;
  readonly services: readonly Service[];
  /** Required to start a Temporal server. */
  readonly temporalBinary: string | undefined;
  readonly options: StackOptions;
}

/** Generous: a first start creates databases, perhaps on a slow disk and a busy machine. Milliseconds. */
const startMs = 90_000;
/** Maximum wait for the user's own server to respond, in milliseconds. */
const presentMs = 10_000;

/**
 * Starts the requested services in parallel and waits until they respond. If anything fails, nothing is left
 * running.
 * @throws AppError `STACK_START_FAILED`, `TEMPORAL_UNREACHABLE`, `POSTGRES_UNREACHABLE`, and the errors of
 * preparing Postgres
 */
export async function startServices(request: ServicesRequest): Promise<RunningServices> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await startOnce(request, { anew: attempt > 0 });
    } catch (error) {
      // Another process may have taken a port after it was chosen.
      if (attempt === 2 || !(error instanceof AppError) || error.code !== 'STACK_PORT_TAKEN') throw error;
    }
  }
}

interface Start extends ServicesRequest {
  readonly ports: StackPorts;
  readonly env: Readonly<Record<string, string>>;
  readonly logs: Readonly<Record<Service, string>>;
  readonly guardian: Guardian;
  readonly watch: StartWatch;
}

async function startOnce(
  request: ServicesRequest,
  ports: { readonly anew: boolean },
): Promise<RunningServices> {
  const { paths, options } = request;
  const lock = { path: paths.lock, token: request.lockToken };
  const log = (name: string): string => join(paths.logs, `${name}.log`);
  const logs = { temporal: log('temporal'), postgres: log('postgres'), worker: log('worker') };
  const env = childEnvironment(options.env);
  await prepareLogs(paths.logs, ['guardian', ...Object.keys(logs)]);
  const chosen = await choosePorts(paths.ports, ports);
  const guardian = await startGuardian({ childrenFile: paths.children, lock, logFile: log('guardian'), env });
  const watch = await watchStart({ guardian, logs, signal: options.signal });
  const launched = launchAll({ ...request, ports: chosen, env, logs, guardian, watch });
  try {
    return { guardian, ...(await watch.orFailure(launched)) };
  } catch (error) {
    watch.giveUp();
    await guardian.stop();
    // Nothing from this start may still be running when the lock is released.
    await launched.catch(() => undefined);
    throw error;
  } finally {
    watch.end();
  }
}

async function launchAll(start: Start): Promise<Omit<RunningServices, 'guardian'>> {
  const temporal = launchTemporal(start);
  // Awaited below; until then, its failure must not count as unhandled.
  temporal?.answers.catch(() => undefined);
  const database = await launchPostgres(start);
  const worker = launchWorker(start, temporal?.address, database.url);
  await Promise.all([temporal?.answers, database.answers, worker]);
  return { temporalAddress: temporal?.address, uiUrl: temporal?.uiUrl, databaseUrl: database.url };
}

function launchTemporal({
  services,
  options,
  ports,
  paths,
  temporalBinary,
  guardian,
  watch,
  logs,
  env,
}: Start): { address: string; uiUrl?: string; answers: Promise<void> } | undefined {
  if (!services.includes('temporal')) return undefined;
  const own = options.temporalAddress === undefined;
  const address = options.temporalAddress ?? `127.0.0.1:${ports.temporal}`;
  if (own && temporalBinary !== undefined) {
    const server = {
      binary: temporalBinary,
      databaseFile: paths.temporalDatabase,
      port: ports.temporal,
      uiPort: ports.ui,
    };
    guardian.start(temporalServerSpec({ ...server, logFile: logs.temporal, cwd: paths.home, env }));
  }
  const { namespace = 'default', searchAttributes, temporalAccess: access } = options;
  const answers = temporalReady({
    address,
    access,
    namespace,
    searchAttributes,
    timeoutMs: own ? startMs : presentMs,
    signal: watch.signal,
  });
  return { address, uiUrl: own ? `http://127.0.0.1:${ports.ui}` : undefined, answers };
}

async function launchPostgres({
  options,
  ports,
  paths,
  guardian,
  watch,
  logs,
  env,
}: Start): Promise<{ url: string; answers: Promise<void> }> {
  const { signal } = watch;
  if (options.databaseUrl !== undefined)
    return {
      url: options.databaseUrl,
      answers: postgresReady(options.databaseUrl, { timeoutMs: presentMs, env: options.env, signal }),
    };
  const cluster = await prepareCluster({
    folder: paths.postgres,
    platform: `${process.platform}-${process.arch}`,
    uid: process.getuid?.() ?? -1,
    env,
    signal,
  });
  await clearStalePostmaster(cluster.dataDir);
  guardian.start(postgresServerSpec(cluster, { port: ports.postgres, logFile: logs.postgres, env }));
  const url = clusterUrl(cluster, ports.postgres);
  return { url, answers: postgresReady(url, { timeoutMs: startMs, signal }) };
}

/**
 * The worker starts in parallel with its servers and waits for them itself, because loading its code takes as
 * long as they do.
 */
async function launchWorker(
  { services, options, paths, guardian, watch, logs }: Start,
  temporalAddress: string | undefined,
  databaseUrl: string,
): Promise<void> {
  if (!services.includes('worker') || options.workerEntry === undefined) return;
  const env = childEnvironment(options.env, {
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: options.namespace ?? 'default',
    // Settings for another Temporal server must not affect our own.
    ...(options.temporalAddress === undefined && {
      TEMPORAL_PROFILE: '',
      TEMPORAL_CONFIG_FILE: '',
      TEMPORAL_API_KEY: '',
      TEMPORAL_TLS: '',
    }),
    DATABASE_URL: databaseUrl,
    OVERTURE_HOME: paths.home,
    OVERTURE_CACHE: options.cacheDir,
    // A local stack stops when its user asks: trainings write a checkpoint, everything else runs again.
    OVERTURE_SHUTDOWN_SECONDS: options.env['OVERTURE_SHUTDOWN_SECONDS'] || '0',
  });
  guardian.start(workerSpec({ entry: options.workerEntry, logFile: logs.worker, cwd: paths.home, env }));
  await watch.ready('worker');
}
