import { fileURLToPath } from 'node:url';
import { AppError } from '@overture/core';
import { drizzle } from 'drizzle-orm/node-postgres';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import type pg from 'pg';
import { databaseError } from './database-error.ts';

/** The migrations that ship with this lib. */
export const migrationsFolder = fileURLToPath(new URL('../migrations', import.meta.url));

// Our own ledger, so that another program's drizzle migrations in the same database do not mix with these.
const ledger = { migrationsSchema: 'drizzle', migrationsTable: 'overture' };
/** The advisory lock of whoever migrates: "overture" in ASCII as an integer. Every Overture takes the same. */
export const migrationLock = '8031718527716389477';
const lockTimeout = '60s';

interface LedgerEntry {
  readonly when: number;
  readonly hash: string;
}

/**
 * Brings the database up to the shipped migrations, under an advisory lock held on one connection: drizzle takes none. Drizzle also
 * compares only times and never looks at the hashes it stores, so the ledger is compared with the shipped files before and after.
 * @throws AppError `REGISTRY_LEDGER` when the database was migrated by another version, and what `databaseError` makes of the rest.
 */
export async function migrateRegistry(client: pg.Client, label: string, folder = migrationsFolder): Promise<void> {
  const shipped = readMigrationFiles({ migrationsFolder: folder }).map(({ folderMillis, hash }) => ({ when: folderMillis, hash }));
  try {
    await client.query(`set lock_timeout = '${lockTimeout}'`);
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    try {
      checkLedger(await readLedger(client), shipped, label);
      await migrate(drizzle(client), { migrationsFolder: folder, ...ledger });
      checkLedger(await readLedger(client), shipped, label, { complete: true });
    } finally {
      await client.query('select pg_advisory_unlock($1)', [migrationLock]);
    }
  } catch (error) {
    throw databaseError(error, label);
  }
}

async function readLedger(client: pg.Client): Promise<LedgerEntry[]> {
  const name = `${ledger.migrationsSchema}.${ledger.migrationsTable}`;
  const { rows: found } = await client.query<{ name: string | null }>('select to_regclass($1) as name', [name]);
  if (found[0]?.name == null) return [];
  const { rows } = await client.query<{ hash: string; created_at: string }>(`select hash, created_at from ${name} order by created_at, id`);
  return rows.map((row) => ({ when: Number(row.created_at), hash: row.hash }));
}

function checkLedger(applied: readonly LedgerEntry[], shipped: readonly LedgerEntry[], label: string, { complete = false } = {}): void {
  const differs = applied.findIndex((entry, i) => entry.hash !== shipped[i]?.hash || entry.when !== shipped[i]?.when);
  if (differs === -1 && (!complete || applied.length === shipped.length)) return;
  const at = differs === -1 ? applied.length : differs;
  throw new AppError(
    'REGISTRY_LEDGER',
    `The migrations applied to the database ${label} must be the first of the ${shipped.length} that this version of Overture ships. ` +
      `Got ${applied.length} applied, of which number ${at + 1} is not the shipped one: another version has migrated it, or a file was edited. ` +
      'Update Overture, or give it a database of its own (DATABASE_URL).',
    { details: { database: label, applied: applied.length, shipped: shipped.length, differsAt: at } },
  );
}
