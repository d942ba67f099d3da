import pg from 'pg';
import { AppError } from '@overture/core';
import { connectionSettings, type ConnectionSettings, type Environment } from './connection-settings.ts';
import { databaseError } from './database-error.ts';

const connectTimeoutMs = 10_000;

/** A connection, and the configuration with which others like it can be opened. */
export interface Connected {
  readonly client: pg.Client;
  readonly config: pg.ClientConfig;
}

/**
 * Connects, encrypted or not as `sslmode` says.
 * @throws AppError `REGISTRY_UNAVAILABLE` (retryable), `REGISTRY_ACCESS`, `REGISTRY_TLS`
 */
export async function connect({ config, label, sslmode, tls }: ConnectionSettings): Promise<Connected> {
  let refused: unknown;
  for (const ssl of tls) {
    const attempt = { ...config, ssl, application_name: 'overture', connectionTimeoutMillis: connectTimeoutMs, keepAlive: true };
    const client = new pg.Client(attempt);
    // An error is thrown by the statement that meets it; a listener keeps it from ending the process as well.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return { client, config: attempt };
    } catch (error) {
      await client.end().catch(() => undefined);
      if (refused === undefined || !isNoTls(error)) refused = error;
      // `prefer` and `allow` try the other way where a server refuses encryption, or insists on it.
      if (!isNoTls(error) && (error as { code?: unknown }).code !== '28000') break;
    }
  }
  if (!isNoTls(refused)) throw databaseError(refused, label);
  throw new AppError('REGISTRY_TLS', `The database ${label} does not offer TLS, which sslmode=${sslmode} requires. Turn TLS on in the server, or set sslmode=disable in DATABASE_URL.`, { details: { database: label, sslmode } });
}

/**
 * Connects once and asks for nothing: whether a database answers.
 * @throws AppError as `openRegistry` does
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

/** The driver's words for a server without TLS. */
function isNoTls(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support SSL connections');
}
