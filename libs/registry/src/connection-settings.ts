import { AppError } from '@overture/core';
import type { ConnectionOptions } from 'node:tls';
import { parseIntoClientConfig } from 'pg-connection-string';
import pg from 'pg';
import { tlsSettings, type TlsFiles } from './tls-settings.ts';

/**
 * How to connect to a database. `tls` lists the ways to connect in order; the first one that the server
 * accepts is used.
 */
export interface ConnectionSettings {
  readonly config: pg.ClientConfig;
  /** Host, port and database name, for messages. */
  readonly label: string;
  readonly sslmode: string;
  readonly tls: readonly (ConnectionOptions | false)[];
}

/** Environment variables: those of libpq, such as `PGSSLMODE`, and `HOME`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses an address such as `postgres://user:password@host:5432/database?sslmode=verify-full`. The TLS
 * parameters have the same meaning as in libpq: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, or `PGSSLMODE`
 * and so on.
 * @throws AppError `REGISTRY_URL` if the address is invalid; `REGISTRY_TLS` if a TLS parameter is.
 */
export async function connectionSettings(
  databaseUrl: string,
  env: Environment = {},
): Promise<ConnectionSettings> {
  const [address = '', query = ''] = splitOnce(databaseUrl, '?');
  const parameters = new URLSearchParams(query);
  const take = (name: string): string | undefined => {
    const value = parameters.get(name) || env[`PG${name.toUpperCase()}`] || undefined;
    parameters.delete(name);
    return value;
  };
  const files: TlsFiles = {
    rootCertificate: take('sslrootcert'),
    certificate: take('sslcert'),
    key: take('sslkey'),
  };
  const ssl = parameters.get('ssl');
  const sslmode =
    take('sslmode') ??
    (files.rootCertificate === 'system'
      ? 'verify-full'
      : ssl === 'true' || ssl === '1'
        ? 'require'
        : 'prefer');
  for (const name of ['ssl', 'uselibpqcompat']) parameters.delete(name);
  const config = parsed(parameters.size === 0 ? address : `${address}?${parameters}`);
  const { host, port, database } = new pg.Client(config);
  // A Unix socket has no TLS.
  const tls = host.startsWith('/') ? [false as const] : await tlsSettings(sslmode, files, env['HOME']);
  return { config, label: `${database ?? '?'} at ${host}:${port}`, sslmode, tls };
}

function parsed(databaseUrl: string): pg.ClientConfig {
  try {
    // The driver interprets any other text as the name of a local database.
    if (/^postgres(ql)?:\/\//.test(databaseUrl)) return parseIntoClientConfig(databaseUrl);
  } catch {
    // Reported below without the address and the parser's words: they may contain the password.
  }
  throw new AppError(
    'REGISTRY_URL',
    'DATABASE_URL must be an address such as postgres://user:password@host:5432/database. Got something else; special characters in it must be percent-encoded.',
  );
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
