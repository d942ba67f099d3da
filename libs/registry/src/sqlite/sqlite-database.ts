import type * as Sqlite from 'node:sqlite';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@overture/core';
import { applicationId, createTables, schemaVersion } from './sqlite-schema.ts';

/**
 * An SQLite database. Its calls block this thread, for at most a few milliseconds unless the file is locked.
 */
export interface SqliteDatabase {
  all<Row>(statement: string, ...values: readonly SQLInputValue[]): Row[];
  /** The first row. */
  get<Row>(statement: string, ...values: readonly SQLInputValue[]): Row | undefined;
  /** Runs a statement and returns the number of changed rows. */
  run(statement: string, ...values: readonly SQLInputValue[]): number;
  /** Runs `work` in a transaction that excludes other writers from its start. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** How long a call waits while another process writes, in milliseconds. */
const busyTimeoutMs = 5_000;

/**
 * Opens a registry's SQLite database and creates its tables if it is empty.
 * @throws AppError `REGISTRY_SQLITE` if this Node has no `node:sqlite`; `REGISTRY_FILE` if the file cannot be
 * opened or has other content; `REGISTRY_UNAVAILABLE` (retryable)
 */
export async function openSqlite(file: string): Promise<SqliteDatabase> {
  const { DatabaseSync } = await loadSqlite();
  // SQLite would open a temporary database.
  if (file === '') throw fileError('""', 'needs a path, or the name :memory:.');
  const error = (thrown: unknown): AppError => sqliteError(thrown, file);
  let db: DatabaseSync | undefined;
  try {
    if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
    db = new DatabaseSync(file, { timeout: busyTimeoutMs });
    const database = sqliteDatabase(db, error);
    migrateSqlite(database, db, file);
    await writeAheadLog(db);
    // A crash of the machine may lose the last records, but never damages the file.
    db.exec('pragma synchronous = normal');
    return database;
  } catch (thrown) {
    db?.close();
    throw error(thrown);
  }
}

async function loadSqlite(): Promise<typeof Sqlite> {
  try {
    return await import('node:sqlite');
  } catch (cause) {
    throw new AppError(
      'REGISTRY_SQLITE',
      `openSqliteRegistry needs the module node:sqlite, which this Node (${process.version}) does not provide. Use Node 22.13, 23.4 or later without --no-experimental-sqlite, or use Postgres (openRegistry).`,
      { cause },
    );
  }
}

/**
 * Lets readers continue while another process writes. The switch needs the file for itself, and SQLite does
 * not wait for it.
 */
async function writeAheadLog(db: DatabaseSync): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return db.exec('pragma journal_mode = wal');
    } catch (thrown) {
      if (!isBusy(thrown) || tries * 10 > busyTimeoutMs) throw thrown;
      await sleep(10);
    }
  }
}

function migrateSqlite(database: SqliteDatabase, db: DatabaseSync, file: string): void {
  database.transaction(() => {
    const { application_id: application } = database.get<{ application_id: number }>(
      'pragma application_id',
    )!;
    const { user_version: version } = database.get<{ user_version: number }>('pragma user_version')!;
    if (application === applicationId && version === schemaVersion) return;
    if (application === applicationId)
      throw fileError(
        file,
        `has version ${version} of the tables, and this release needs version ${schemaVersion}. Use the release that created it, or another file.`,
      );
    if (database.get('select 1 from sqlite_schema') !== undefined)
      throw fileError(file, 'is the database of another program. Choose another file.');
    db.exec(
      `${createTables}; pragma application_id = ${applicationId}; pragma user_version = ${schemaVersion};`,
    );
  });
}

function sqliteDatabase(db: DatabaseSync, error: (thrown: unknown) => AppError): SqliteDatabase {
  const statements = new Map<string, StatementSync>();
  const orError = <T>(work: () => T): T => {
    try {
      return work();
    } catch (thrown) {
      throw error(thrown);
    }
  };
  const prepared = (statement: string): StatementSync => {
    const known = statements.get(statement) ?? db.prepare(statement);
    statements.set(statement, known);
    return known;
  };
  let open = true;
  return {
    all: <Row>(statement: string, ...values: readonly SQLInputValue[]) =>
      orError(() => prepared(statement).all(...values) as Row[]),
    get: <Row>(statement: string, ...values: readonly SQLInputValue[]) =>
      orError(() => prepared(statement).get(...values) as Row | undefined),
    run: (statement, ...values) => orError(() => Number(prepared(statement).run(...values).changes)),
    transaction: (work) =>
      orError(() => {
        db.exec('begin immediate');
        try {
          const result = work();
          db.exec('commit');
          return result;
        } catch (thrown) {
          if (db.isTransaction) db.exec('rollback');
          throw thrown;
        }
      }),
    close() {
      if (open) db.close();
      open = false;
    },
  };
}

// https://www.sqlite.org/rescode.html: the lower byte is the primary code.
const [busy, locked, ioError, full, cannotOpen, notADatabase, readOnly] = [5, 6, 10, 13, 14, 26, 8];

function primaryCode(thrown: unknown): number {
  return ((thrown as { readonly errcode?: number }).errcode ?? 0) & 0xff;
}

function isBusy(thrown: unknown): boolean {
  return [busy, locked].includes(primaryCode(thrown));
}

function sqliteError(thrown: unknown, file: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = primaryCode(thrown);
  const options = { details: { file, code }, cause };
  if ([busy, locked, ioError, full].includes(code)) {
    const advice = isBusy(thrown) ? 'Another process is writing to it.' : 'Check the disk.';
    return new AppError(
      'REGISTRY_UNAVAILABLE',
      `The registry's file ${file} cannot be used now: ${cause.message}. ${advice} This is tried again.`,
      { ...options, retryable: true },
    );
  }
  if (code === notADatabase) return fileError(file, 'is not an SQLite database. Choose another file.', cause);
  const isFileSystemError = /^E[A-Z]+$/.test((cause as NodeJS.ErrnoException).code ?? '');
  if (code === cannotOpen || code === readOnly || isFileSystemError)
    return fileError(
      file,
      `cannot be opened for writing: ${cause.message}. Check the path and its permissions.`,
      cause,
    );
  return new AppError(
    'REGISTRY_QUERY',
    `The registry's file ${file} refused a statement: ${cause.message}.`,
    options,
  );
}

function fileError(file: string, problem: string, cause?: Error): AppError {
  return new AppError('REGISTRY_FILE', `The registry's file ${file} ${problem}`, {
    details: { file },
    cause,
  });
}
