import { AppError } from '@overture/core';
import { defaultSchema, migrateCommand } from './registry-schema.ts';

/** The location of a database for messages: host, port and name, never the credentials. */
export interface DatabaseLabel {
  readonly label: string;
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html: retryable classes and codes.
const transientClasses = new Set(['08', '53', '57', '58']); // connection, resources, operator intervention, system
const transientCodes = new Set(['40001', '40P01', '55P03']); // serialization failure, deadlock, lock not available
const accessCodes = new Set(['28000', '28P01', '3D000']); // authorization, password, no such database
const insufficientPrivilege = '42501';
/** Node's error codes for an invalid server certificate or a missing client certificate, with advice. */
const certificateCodes: readonly (readonly [code: RegExp, advice: string])[] = [
  [
    /ALTNAME_INVALID/,
    'Connect by a name that the certificate contains, or check only its authority (sslmode=verify-ca).',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_(UNTRUSTED|SIGNATURE_FAILURE)/,
    "Name the certificate of the server's authority: sslrootcert=FILE in DATABASE_URL.",
  ],
  [/^CERT_|^CRL_/, "Renew the server's certificate, and check the clocks of both machines."],
  [
    /^ERR_(SSL|TLS|OSSL)_|^EPROTO$/,
    'A server that asks for a client certificate needs sslcert=FILE and sslkey=FILE in DATABASE_URL.',
  ],
];
const networkCode = /^E[A-Z]+$/; // ECONNREFUSED, ECONNRESET, EPIPE, ETIMEDOUT, …
const lostConnection = /terminat|timeout|connection/i;

/**
 * Converts an error of the driver or of drizzle to an `AppError`. The code is `REGISTRY_UNAVAILABLE`
 * (retryable) if the database is down or busy, and `REGISTRY_ACCESS` if it rejects the login. It is
 * `REGISTRY_TLS` if a certificate is invalid, and `REGISTRY_RIGHTS` if the role lacks a right. Otherwise it
 * is `REGISTRY_QUERY`. The message never contains queries or their parameters.
 */
export function databaseError(thrown: unknown, label: string, schema: string = defaultSchema): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = driverError(thrown);
  const code = typeof error.code === 'string' ? error.code : '';
  const options = { details: { database: label, code, constraint: error.constraint }, cause: error };
  if (accessCodes.has(code)) {
    const message = `The registry must be able to log in to the database ${label}. It said: ${error.message}. Check DATABASE_URL.`;
    return new AppError('REGISTRY_ACCESS', message, options);
  }
  const certificate = certificateCodes.find(([pattern]) => pattern.test(code));
  if (certificate !== undefined) {
    return new AppError(
      'REGISTRY_TLS',
      `The database ${label} could not be reached over TLS: ${error.message} (${code}). ${certificate[1]}`,
      options,
    );
  }
  if (code === insufficientPrivilege) {
    const message = `The role of DATABASE_URL lacks a right in the database ${label}: ${error.message}. The owner of the database runs: ${migrateCommand(schema, 'ROLE')}`;
    return new AppError('REGISTRY_RIGHTS', message, options);
  }
  if (isTransient(code, error)) {
    const message = `The registry's database ${label} must answer. Got: ${reason(error)}. Check that Postgres runs there; this is tried again.`;
    return new AppError('REGISTRY_UNAVAILABLE', message, { ...options, retryable: true });
  }
  return new AppError(
    'REGISTRY_QUERY',
    `The registry's database ${label} refused a statement: ${error.message}.`,
    options,
  );
}

/** The name of the constraint that a statement violated, if that is why it failed. */
export function brokenConstraint(thrown: unknown): string | undefined {
  return thrown instanceof AppError
    ? (thrown.details['constraint'] as string | undefined)
    : driverError(thrown).constraint;
}

type DriverError = Error & { code?: unknown; constraint?: string; errors?: readonly Error[] };

/** Drizzle wraps the driver's error in a message that quotes the parameters. */
function driverError(thrown: unknown): DriverError {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  return thrown.message.startsWith('Failed query:') && thrown.cause instanceof Error
    ? (thrown.cause as DriverError)
    : thrown;
}

function isTransient(code: string, error: DriverError): boolean {
  if (/^[0-9A-Z]{5}$/.test(code) && !networkCode.test(code))
    return transientClasses.has(code.slice(0, 2)) || transientCodes.has(code);
  return networkCode.test(code) || lostConnection.test(error.message);
}

/**
 * For a host with several addresses, Node reports a refused connection as an AggregateError without a
 * message.
 */
function reason(error: DriverError): string {
  return error.message || (error.errors ?? []).map((each) => each.message).join('; ') || String(error.code);
}
