import { createHash } from 'node:crypto';
import { AppError } from '@overture/core';

/** The schema of the shipped migrations, and of a registry without the option `schema`. */
export const defaultSchema = 'overture';

// An index or sequence of another schema's ledger may have such a name: `app` has `drizzle.app_pkey`.
const reserved = /^(pg_.*|public|drizzle|information_schema|.*_(pkey|id_seq)\d*)$/;

/** Returns why a registry's schema may not have this name, as the end of "The schema must …". */
export function schemaProblem(schema: string): string | undefined {
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(schema))
    return 'be 1 to 41 lowercase letters, digits and underscores, and start with a letter';
  return reserved.test(schema)
    ? 'not be public, drizzle or information_schema, start with pg_, or end with _pkey or _id_seq'
    : undefined;
}

/**
 * Checks the name of a Postgres schema for a registry.
 * @throws AppError `REGISTRY_SCHEMA` if it is not allowed
 */
export function checkSchema(schema: string): void {
  const must = schemaProblem(schema);
  if (must === undefined) return;
  const given = schema.slice(0, 100);
  throw new AppError(
    'REGISTRY_SCHEMA',
    `The schema of a registry must ${must}. Got ${JSON.stringify(given)} instead.`,
    { details: { schema: given } },
  );
}

/** Rewrites a statement for the schema `overture` so that it refers to another schema. */
export function inSchema(statement: string, schema: string): string {
  return schema === defaultSchema
    ? statement
    : statement.replaceAll(/"overture"|\boverture(?=\.)/g, quoted(schema));
}

/** The list of a schema's applied migrations, as an SQL identifier. */
export function ledgerOf(schema: string): string {
  return `drizzle.${schema === defaultSchema ? schema : quoted(schema)}`;
}

/**
 * The key of the advisory lock for the migrations of a schema. For `overture` it is the name in ASCII as an
 * integer, in all versions.
 */
export function migrationLockOf(schema: string): string {
  if (schema === defaultSchema) return '8031718527716389477';
  return createHash('sha256').update(schema).digest().readBigInt64BE().toString();
}

/** The command with which the owner of a database applies migrations and grants a role access. */
export function migrateCommand(schema: string, role: string): string {
  return `overture registry migrate${schema === defaultSchema ? '' : ` --schema ${schema}`} --grant ${role}`;
}

/** Quotes an SQL identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
