import type { AppError } from '@overture/core';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { databaseError } from './database-error.ts';

/** The connection pool, drizzle on top of it, and the conversion of their errors to `AppError`. */
export interface Database {
  readonly db: NodePgDatabase;
  readonly pool: pg.Pool;
  run<T>(query: (db: NodePgDatabase) => Promise<T>): Promise<T>;
  error(thrown: unknown): AppError;
}

/** Wraps a pool. `label` is the location of the database for messages. */
export function database(pool: pg.Pool, label: string): Database {
  const db = drizzle(pool);
  const error = (thrown: unknown): AppError => databaseError(thrown, label);
  return {
    db,
    pool,
    error,
    async run(query) {
      try {
        return await query(db);
      } catch (thrown) {
        throw error(thrown);
      }
    },
  };
}
