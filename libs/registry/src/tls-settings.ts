import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { AppError } from '@overture/core';

/** The TLS files named in an address. */
export interface TlsFiles {
  /** A file of root certificates, or `system` for those that Node trusts. */
  readonly rootCertificate?: string;
  readonly certificate?: string;
  readonly key?: string;
}

const modes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/**
 * Returns the ways to connect that an `sslmode` allows, in order (PostgreSQL manual, "SSL Support" of libpq).
 * One difference: without `sslrootcert`, `verify-full` uses the authorities that Node trusts, like
 * `sslrootcert=system`, while libpq rejects it.
 * @throws AppError `REGISTRY_TLS` if the mode is unknown, or a file is missing or unreadable.
 */
export async function tlsSettings(
  mode: string,
  files: TlsFiles,
  home: string | undefined,
): Promise<(ConnectionOptions | false)[]> {
  if (!modes.includes(mode))
    throw tlsError(
      `sslmode in DATABASE_URL must be one of ${modes.join(', ')}. Got ${JSON.stringify(mode.slice(0, 50))} instead. To encrypt without checking the server's certificate, use require.`,
    );
  if (mode === 'disable') return [false];
  const system = files.rootCertificate === 'system';
  if (system && mode !== 'verify-full')
    throw tlsError(`sslrootcert=system must go with sslmode=verify-full. Got sslmode=${mode} instead.`);
  const ca = system ? undefined : await rootCertificate(files.rootCertificate, home);
  if (mode === 'verify-ca' && ca === undefined)
    throw tlsError(
      "sslmode=verify-ca needs sslrootcert=FILE in DATABASE_URL, the certificate of the authority that signed the server's certificate. With a public authority, use sslmode=verify-full.",
    );
  const client: ConnectionOptions = {
    ...(files.certificate !== undefined && { cert: await read('sslcert', files.certificate) }),
    ...(files.key !== undefined && { key: await read('sslkey', files.key) }),
  };
  const unchecked: ConnectionOptions = { ...client, rejectUnauthorized: false };
  const chainOnly: ConnectionOptions = { ...client, ca, checkServerIdentity: () => undefined };
  if (mode === 'allow') return [false, unchecked];
  if (mode === 'prefer') return [unchecked, false];
  if (mode === 'require') return [ca === undefined ? unchecked : chainOnly];
  return [mode === 'verify-ca' ? chainOnly : { ...client, ...(ca !== undefined && { ca }) }];
}

/** If no file is named, libpq uses `~/.postgresql/root.crt`. */
async function rootCertificate(
  named: string | undefined,
  home: string | undefined,
): Promise<string | undefined> {
  if (named !== undefined) return read('sslrootcert', named);
  return home === undefined
    ? undefined
    : readFile(join(home, '.postgresql', 'root.crt'), 'utf8').catch(() => undefined);
}

async function read(parameter: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw tlsError(
      `${parameter} in DATABASE_URL must name a file that this user can read. Got ${path} instead (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

function tlsError(message: string): AppError {
  return new AppError('REGISTRY_TLS', message);
}
