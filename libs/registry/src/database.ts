import type { AppError } from '@overture/core';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { databaseError } from './database-error.ts';
import { inSchema } from './registry-schema.ts';
import { tablesOf, type Tables } from './schema.ts';

/** A registry's tables in a database, with functions that convert the driver's errors to `AppError`. */
export interface Database {
  readonly db: NodePgDatabase;
  readonly tables: Tables;
  run<T>(query: (db: NodePgDatabase) => Promise<T>): Promise<T>;
  /** Runs an SQL statement. It is written for the schema `overture` and runs in the registry's schema. */
  query<Row extends pg.QueryResultRow>(statement: string, values: readonly unknown[]): Promise<Row[]>;
  error(thrown: unknown): AppError;
}

/** Wraps a pool. `label` is the location of the database for messages. */
export function database(
  pool: pg.Pool,
  { label, schema }: { readonly label: string; readonly schema: string },
): Database {
  const db = drizzle(pool);
  const error = (thrown: unknown): AppError => databaseError(thrown, label, schema);
  const orError = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      throw error(thrown);
    }
  };
  return {
    db,
    tables: tablesOf(schema),
    error,
    run: (query) => orError(() => query(db)),
    query: <Row extends pg.QueryResultRow>(statement: string, values: readonly unknown[]) =>
      orError(async () => (await pool.query<Row>(inSchema(statement, schema), [...values])).rows),
  };
}
