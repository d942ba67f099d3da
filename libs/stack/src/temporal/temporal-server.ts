import { registerSearchAttributes } from '@overture/durable-worker';
import type { SearchAttributes } from '@overture/protocol';
import { Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@overture/core';
import type { ProcessSpec } from '../guardian/protocol.ts';
import { connectionOptions } from './temporal-connection.ts';
import type { TemporalAccess } from './temporal-settings.ts';

/** The files and ports of a local Temporal server. */
export interface TemporalServerOptions {
  readonly binary: string;
  readonly databaseFile: string;
  readonly port: number;
  readonly uiPort: number;
  readonly logFile: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The development server with its UI, on loopback only, with its history in one SQLite file. */
export function temporalServerSpec({
  binary,
  databaseFile,
  port,
  uiPort,
  logFile,
  cwd,
  env,
}: TemporalServerOptions): ProcessSpec {
  return {
    name: 'temporal',
    command: binary,
    args: [
      ...[
        'server',
        'start-dev',
        '--db-filename',
        databaseFile,
        '--ip',
        '127.0.0.1',
        '--port',
        `${port}`,
        '--ui-port',
        `${uiPort}`,
      ],
      // A local server should make no requests to the internet.
      ...['--ui-disable-news-fetch', '--dynamic-config-value', 'frontend.enableServerVersionCheck=false'],
      ...['--log-level', 'warn'],
    ],
    cwd,
    // Go needs these if a container runs as a user without an account.
    env: { ...env, USER: env['USER'] || 'overture', HOME: env['HOME'] || cwd },
    logFile,
    // On SIGTERM the server waits 2.5 s for clients, but all of ours have ended by then. Its SQLite file
    // (rollback journal) survives a kill.
    stop: { signal: 'SIGTERM', graceMs: 250, rank: 1 },
    restart: { firstMs: 500, maxMs: 15_000, healthyMs: 30_000 },
  };
}

/** Options for waiting until a Temporal server responds. */
export interface TemporalReadyOptions {
  readonly address: string;
  /** Credentials for the server; a local one needs none. */
  readonly access?: TemporalAccess;
  readonly namespace: string;
  /** Search attributes that workflows set; missing ones are registered. */
  readonly searchAttributes?: SearchAttributes;
  /** Maximum wait for the server, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits until the server responds for the namespace over gRPC, and registers missing search attributes.
 * @throws AppError `TEMPORAL_UNREACHABLE`, `TEMPORAL_NAMESPACE_MISSING`, `TEMPORAL_SEARCH_ATTRIBUTES_MISSING`
 */
export async function temporalReady({
  address,
  access = {},
  namespace,
  searchAttributes = {},
  timeoutMs,
  signal,
}: TemporalReadyOptions): Promise<void> {
  const connection = Connection.lazy(connectionOptions({ address, ...access }));
  try {
    await retried(
      () =>
        connection.withAbortSignal(
          AbortSignal.any([AbortSignal.timeout(2_000), ...(signal ? [signal] : [])]),
          () => connection.workflowService.describeNamespace({ namespace }),
        ),
      { address, namespace, timeoutMs, signal },
    );
    await registerSearchAttributes(connection, { namespace, searchAttributes });
  } finally {
    await connection.close();
  }
}

/** The gRPC status code NOT_FOUND (grpc.io/docs/guides/status-codes). */
const notFound = 5;
const permissionDenied = 7;
const unauthenticated = 16;

async function retried(
  call: () => Promise<unknown>,
  { address, namespace, timeoutMs, signal }: TemporalReadyOptions,
): Promise<void> {
  const pauseMs = 100;
  const timeout = AbortSignal.timeout(timeoutMs);
  for (;;) {
    signal?.throwIfAborted();
    try {
      await call();
      return;
    } catch (error) {
      const { code, message } = error as { code?: number; message: string };
      // A starting server creates its namespace shortly after it opens its port.
      if (code === notFound && timeout.aborted) {
        throw new AppError(
          'TEMPORAL_NAMESPACE_MISSING',
          `Temporal at ${address} has no namespace ${namespace}. Create it, or set TEMPORAL_NAMESPACE to one that exists.`,
          { cause: error },
        );
      }
      if (timeout.aborted || code === permissionDenied || code === unauthenticated) {
        throw new AppError(
          'TEMPORAL_UNREACHABLE',
          `Temporal at ${address} should answer for namespace ${namespace}, and did not: ${message}. Is a server running there?`,
          {
            details: { address, namespace },
            retryable: true,
            cause: error,
          },
        );
      }
    }
    await sleep(pauseMs, undefined, { signal });
  }
}
