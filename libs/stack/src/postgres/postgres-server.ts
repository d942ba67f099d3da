import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AppError } from '@overture/core';
import { pingDatabase } from '@overture/registry/connect';
import type { ProcessSpec } from '../guardian/protocol.ts';
import { identityOf, isRunning, signalProcess } from '../process-identity.ts';
import type { PostgresCluster } from './prepare-cluster.ts';

/** A process that serves a cluster on one loopback port, without a Unix socket. */
export function postgresServerSpec(
  cluster: PostgresCluster,
  options: {
    readonly port: number;
    readonly logFile: string;
    readonly env: Readonly<Record<string, string>>;
  },
): ProcessSpec {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: `${options.port}`,
    unix_socket_directories: '',
    max_connections: '60',
    // Small: the registry is a few megabytes, and training needs the memory.
    shared_buffers: '32MB',
  };
  return {
    name: 'postgres',
    command: join(cluster.programs, 'bin', 'postgres'),
    args: [
      '-D',
      cluster.dataDir,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    cwd: '/',
    env: { ...options.env, LC_ALL: 'C' },
    account: cluster.account,
    logFile: options.logFile,
    // SIGINT requests a fast shutdown: sessions are aborted, and everything committed is on disk (PostgreSQL
    // manual, 18.5).
    stop: { signal: 'SIGINT', graceMs: 10_000, rank: 1 },
    restart: { firstMs: 500, maxMs: 15_000, healthyMs: 30_000 },
  };
}

/** The connection string of the registry's database in a running cluster. */
export function clusterUrl({ user, password, database }: PostgresCluster, port: number): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * Cleans up a data folder after a crash. Stops a server that survived its guardian. Removes a pid file whose
 * pid now belongs to another program, which Postgres would mistake for itself. The caller must hold the stack
 * lock.
 */
export async function clearStalePostmaster(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const holder = identityOf(pid);
  if (isRunning(holder) && (await commandOf(pid)).includes(dataDir)) {
    signalProcess(holder, 'SIGINT');
    for (let waited = 0; waited < 10_000 && isRunning(holder); waited += 50) await sleep(50);
    signalProcess(holder, 'SIGQUIT');
    for (let waited = 0; waited < 5_000 && isRunning(holder); waited += 50) await sleep(50);
  }
  await rm(file, { force: true });
}

/** Read from /proc on Linux, because slim images have no ps. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', `${pid}`]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}

/** Options for waiting until a database responds. */
export interface PostgresReadyOptions {
  readonly timeoutMs: number;
  /** Environment variables of libpq, such as `PGSSLMODE`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
}

/**
 * Waits until a database responds.
 * @throws AppError `POSTGRES_UNREACHABLE`, or the reason why waiting cannot help: `REGISTRY_URL`,
 * `REGISTRY_ACCESS`, `REGISTRY_TLS`
 */
export async function postgresReady(
  databaseUrl: string,
  { timeoutMs, env, signal }: PostgresReadyOptions,
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs);
  for (;;) {
    signal?.throwIfAborted();
    try {
      await pingDatabase(databaseUrl, env);
      return;
    } catch (error) {
      if (!(error instanceof AppError && error.retryable)) throw error;
      if (timeout.aborted) throw unreachable(databaseUrl, error);
    }
    await sleep(50, undefined, { signal });
  }
}

function unreachable(databaseUrl: string, error: AppError): AppError {
  const { host, pathname } = URL.parse(databaseUrl) ?? { host: 'the given address', pathname: '' };
  const { message } = error.cause instanceof Error ? error.cause : error;
  return new AppError(
    'POSTGRES_UNREACHABLE',
    `Postgres at ${host}${pathname} should accept connections, and did not: ${message || error.message}.`,
    {
      details: { host },
      retryable: true,
      cause: error,
    },
  );
}
