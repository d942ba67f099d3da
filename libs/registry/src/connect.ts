import pg from 'pg';
import { AppError } from '@overture/core';
import { connectionSettings, type ConnectionSettings, type Environment } from './connection-settings.ts';
import { databaseError } from './database-error.ts';

const connectTimeoutMs = 10_000;

/** A connection, with the configuration to open others like it. */
export interface Connected {
  readonly client: pg.Client;
  readonly config: pg.ClientConfig;
}

/**
 * Connects to a database, with or without encryption as `sslmode` requires.
 * @throws AppError `REGISTRY_UNAVAILABLE` (retryable), `REGISTRY_ACCESS` or `REGISTRY_TLS`
 */
export async function connect({ config, label, sslmode, tls }: ConnectionSettings): Promise<Connected> {
  let refused: unknown;
  for (const ssl of tls) {
    const attempt = {
      ...config,
      ssl,
      application_name: 'overture',
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    };
    const client = new pg.Client(attempt);
    // Statements throw their errors themselves. Without a listener, the error event would also end the
    // process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return { client, config: attempt };
    } catch (error) {
      await client.end().catch(() => undefined);
      if (refused === undefined || !isNoTls(error)) refused = error;
      // `prefer` and `allow` try the other way if the server rejects or requires encryption.
      if (!isNoTls(error) && (error as { code?: unknown }).code !== '28000') break;
    }
  }
  if (!isNoTls(refused)) throw databaseError(refused, label);
  throw new AppError(
    'REGISTRY_TLS',
    `The database ${label} does not offer TLS, which sslmode=${sslmode} requires. Turn TLS on in the server, or set sslmode=disable in DATABASE_URL.`,
    { details: { database: label, sslmode } },
  );
}

/**
 * Connects once and runs a trivial query, to check that a database responds.
 * @throws AppError: the same codes as `connect`, and `REGISTRY_URL`
 */
export async function pingDatabase(databaseUrl: string, env?: Environment): Promise<void> {
  const settings = await connectionSettings(databaseUrl, env);
  const { client } = await connect(settings);
  try {
    await client.query('select 1');
  } catch (error) {
    throw databaseError(error, settings.label);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether the error is the driver's message for a server without TLS. */
function isNoTls(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support SSL connections');
}
