import type { Digest, RunId } from '@overture/core';
import type { AppliedTo, HeldLease, NewControl, StageControl } from '../registry.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { requireRun } from './sqlite-runs.ts';
import { fromJson, nowMs, toJson } from './sqlite-values.ts';

/** Implements `RunRegistry.requestControl`. */
export function requestControl(db: SqliteDatabase, { id, run, node, action, by }: NewControl): void {
  db.transaction(() => {
    requireRun(db, run);
    db.run(
      `insert into stage_controls (id, run_id, node, action, by, asked_at) values (?, ?, ?, ?, ?, ${nowMs}) on conflict do nothing`,
      id,
      run,
      node,
      toJson(action),
      by,
    );
  });
}

/** The control requests for a run, or for one of its nodes, in the order of arrival. */
export function controlsOf(db: SqliteDatabase, run: RunId, node?: string): StageControl[] {
  interface ControlRow {
    readonly id: string;
    readonly run_id: RunId;
    readonly node: string;
    readonly action: string;
    readonly by: string | null;
    readonly asked_at: number;
    readonly applied_to: Digest | null;
    readonly step: number;
    readonly changes_result: number;
  }
  const rows = db.all<ControlRow>(
    'select * from stage_controls where run_id = ? and node = coalesce(?, node) order by sequence',
    run,
    node ?? null,
  );
  return rows.map((row) => ({
    id: row.id,
    run: row.run_id,
    node: row.node,
    action: fromJson(row.action),
    by: row.by,
    askedAt: new Date(row.asked_at),
    applied:
      row.applied_to === null
        ? null
        : { cacheKey: row.applied_to, step: row.step, changesResult: row.changes_result === 1 },
  }));
}

/** Implements `RunRegistry.applyControl`. */
export function applyControl(
  db: SqliteDatabase,
  id: string,
  { cacheKey, step, changesResult }: AppliedTo,
  { token }: Pick<HeldLease, 'token'>,
): boolean {
  return db.transaction(() => {
    if (db.get('select 1 from stage_leases where cache_key = ? and token = ?', cacheKey, token) === undefined)
      return false;
    db.run(
      `update stage_controls set applied_to = ?, step = ?, changes_result = ?, applied_at = ${nowMs} where id = ? and applied_to is null`,
      cacheKey,
      step,
      changesResult ? 1 : 0,
      id,
    );
    return (
      db.get(
        'select 1 from stage_controls where id = ? and applied_to = ? and step = ?',
        id,
        cacheKey,
        step,
      ) !== undefined
    );
  });
}
