import { fileURLToPath } from 'node:url';
import { AppError } from '@overture/core';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import type pg from 'pg';
import { databaseError } from './database-error.ts';
import { checkLedgerRights, checkMigrate, checkUse, grants, readRights } from './database-rights.ts';
import { defaultSchema, inSchema, ledgerOf, migrationLockOf, quoted } from './registry-schema.ts';

/** The folder of the migrations that ship with this library. */
export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

const lockTimeout = '60s';

interface LedgerEntry {
  readonly when: number;
  readonly hash: string;
}

interface Migration extends LedgerEntry {
  readonly statements: readonly string[];
}

/** The state of a database's migrations: how many are applied, of those that this version ships. */
export interface MigrationState {
  readonly role: string;
  readonly applied: number;
  readonly shipped: number;
}

/** A registry in a database: its location for messages, and the schema of its tables. */
export interface RegistryPlace {
  readonly label: string;
  readonly schema: string;
}

/**
 * Applies missing migrations in one transaction under an advisory lock. The role needs rights to create
 * objects only if a migration is missing. This does not use drizzle's migrator: that one requires `CREATE ON
 * DATABASE` even if nothing is missing, takes no lock, and never compares the hashes that it stores.
 * @returns how many migrations were applied now
 * @throws AppError `REGISTRY_LEDGER` if another version migrated the database, `REGISTRY_RIGHTS`, and the
 * errors of `databaseError`
 */
export async function migrateRegistry(
  client: pg.ClientBase,
  place: RegistryPlace,
  {
    folder = migrationsFolder,
    grant = [],
  }: { readonly folder?: string; readonly grant?: readonly string[] } = {},
): Promise<MigrationState> {
  const shipped = readMigrationFiles({ migrationsFolder: folder }).map(
    ({ sql, folderMillis, hash }): Migration => ({ statements: sql, when: folderMillis, hash }),
  );
  return guarded(place, async () => {
    const { role, applied } = await pendingOn(client, shipped, place);
    if (applied < shipped.length) await inTransaction(client, () => apply(client, shipped, place));
    if (grant.length > 0)
      await inTransaction(
        client,
        async () =>
          void (await client.query(grant.flatMap((name) => grants(name, place.schema)).join(';\n'))),
      );
    return { role, applied: shipped.length - applied, shipped: shipped.length };
  });
}

/**
 * Compares a database with the shipped migrations and the role's rights with the required ones. Changes
 * nothing.
 * @throws AppError `REGISTRY_LEDGER`, `REGISTRY_RIGHTS`, and the errors of `databaseError`
 */
export async function migrationState(client: pg.ClientBase, place: RegistryPlace): Promise<MigrationState> {
  const shipped = readMigrationFiles({ migrationsFolder }).map(({ folderMillis, hash }) => ({
    when: folderMillis,
    hash,
  }));
  return guarded(place, async () => ({
    ...(await pendingOn(client, shipped, place)),
    shipped: shipped.length,
  }));
}

async function guarded<T>({ label, schema }: RegistryPlace, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw databaseError(error, label, schema);
  }
}

/** Counts the applied migrations and checks that the role may use the registry or apply the rest. */
async function pendingOn(
  client: pg.ClientBase,
  shipped: readonly LedgerEntry[],
  { label, schema }: RegistryPlace,
): Promise<{ role: string; applied: number }> {
  const rights = await readRights(client, schema);
  checkLedgerRights(rights, label);
  const ledger = rights.ledger === null ? [] : await readLedger(client, schema);
  checkLedger(ledger, shipped, label);
  if (ledger.length === shipped.length) checkUse(rights, label);
  else
    checkMigrate(
      rights,
      label,
      `${shipped.length - ledger.length} of its ${shipped.length} migrations applied`,
    );
  return { role: rights.role, applied: ledger.length };
}

async function apply(
  client: pg.ClientBase,
  shipped: readonly Migration[],
  { label, schema }: RegistryPlace,
): Promise<void> {
  // Transaction-level: behind a pooler, a session's lock and unlock may reach two different server sessions.
  await client.query(`set local lock_timeout = '${lockTimeout}'`);
  await lock(client, schema);
  const { schemas, ledger } = await readRights(client, schema);
  if (schemas['drizzle'] === undefined) {
    // The registries of a database share this schema, so another one may be creating it.
    await lock(client, defaultSchema);
    await client.query('create schema if not exists drizzle');
  }
  // The same table that drizzle's migrator creates, which earlier versions used. It has its own name to keep
  // other programs' migrations apart.
  if (ledger === null)
    await client.query(
      `create table ${ledgerOf(schema)} (id serial primary key, hash text not null, created_at bigint)`,
    );
  const applied = ledger === null ? [] : await readLedger(client, schema);
  checkLedger(applied, shipped, label);
  for (const { statements, hash, when } of shipped.slice(applied.length)) {
    for (const statement of statements.map((each) => inSchema(each, schema)))
      if (!(schemas[schema] && makesSchema(statement, schema))) await client.query(statement);
    await client.query(`insert into ${ledgerOf(schema)} (hash, created_at) values ($1, $2)`, [hash, when]);
  }
}

/** The first migration creates the schema, which may already exist. */
function makesSchema(statement: string, schema: string): boolean {
  return statement.trim() === `CREATE SCHEMA ${quoted(schema)};`;
}

async function lock(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [migrationLockOf(schema)]);
}

async function inTransaction(client: pg.ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function readLedger(client: pg.ClientBase, schema: string): Promise<LedgerEntry[]> {
  const { rows } = await client.query<{ hash: string; created_at: string }>(
    `select hash, created_at from ${ledgerOf(schema)} order by id`,
  );
  return rows.map((row) => ({ when: Number(row.created_at), hash: row.hash }));
}

function checkLedger(applied: readonly LedgerEntry[], shipped: readonly LedgerEntry[], label: string): void {
  const differs = applied.findIndex(
    (entry, i) => entry.hash !== shipped[i]?.hash || entry.when !== shipped[i]?.when,
  );
  if (differs === -1) return;
  throw new AppError(
    'REGISTRY_LEDGER',
    `The migrations applied to the database ${label} must be the first of the ${shipped.length} that this version of Overture ships. ` +
      `Got ${applied.length} applied, of which number ${differs + 1} is not the shipped one: another version has migrated it, or a file was edited. ` +
      'Update Overture, or give it a schema of its own (OVERTURE_REGISTRY_SCHEMA).',
    { details: { database: label, applied: applied.length, shipped: shipped.length, differsAt: differs } },
  );
}
