import type { Digest, RunId } from '@overture/core';
import { and, asc, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { AppliedTo, HeldLease, NewControl, StageControl } from './registry.ts';
import { orRunUnknown } from './run-unknown.ts';

/** Implements `Registry.requestControl`. */
export async function requestControl(
  { db, error, tables: { stageControls } }: Database,
  control: NewControl,
): Promise<void> {
  try {
    await db.insert(stageControls).values(control).onConflictDoNothing({ target: stageControls.id });
  } catch (thrown) {
    throw orRunUnknown(error(thrown), control.run);
  }
}

/** Implements `Registry.controlsOf`. */
export function controlsOf(database: Database, run: RunId, node: string): Promise<StageControl[]> {
  const { stageControls } = database.tables;
  return controlsWhere(database, and(eq(stageControls.run, run), eq(stageControls.node, node)));
}

/** All control requests for a run, in the order of arrival. */
export function controlsOfRun(database: Database, run: RunId): Promise<StageControl[]> {
  return controlsWhere(database, eq(database.tables.stageControls.run, run));
}

/**
 * Implements `Registry.applyControl`. Idempotent; returns false if the request was first applied at another
 * place.
 */
export async function applyControl(
  { run, tables: { stageControls, stageLeases } }: Database,
  {
    id,
    where,
    lease,
  }: { readonly id: string; readonly where: AppliedTo; readonly lease: Pick<HeldLease, 'token'> },
): Promise<boolean> {
  const { cacheKey: appliedTo, step, changesResult } = where;
  const ofId = eq(stageControls.id, id);
  return run((db) =>
    db.transaction(async (tx) => {
      // Lock the lease's row, so that the next holder of the lease either sees this record or can rely on it
      // never appearing.
      const held = await tx
        .select({ token: stageLeases.token })
        .from(stageLeases)
        .where(and(eq(stageLeases.cacheKey, appliedTo), eq(stageLeases.token, lease.token)))
        .for('share');
      if (held.length === 0) return false;
      await tx
        .update(stageControls)
        .set({ appliedTo, step, changesResult, appliedAt: sql`now()` })
        .where(and(ofId, isNull(stageControls.appliedTo)));
      const [stands] = await tx.select().from(stageControls).where(ofId);
      return stands?.appliedTo === appliedTo && stands.step === step;
    }),
  );
}

async function controlsWhere(
  { run: query, tables: { stageControls } }: Database,
  wanted: SQL | undefined,
): Promise<StageControl[]> {
  const rows = await query((db) =>
    db.select().from(stageControls).where(wanted).orderBy(asc(stageControls.sequence)),
  );
  return rows.map(({ id, run, node, action, by, askedAt, appliedTo, step, changesResult }) => ({
    id,
    run: run as RunId,
    node,
    action,
    by,
    askedAt,
    // The table's check constraint: either all of these columns are null, or none is.
    applied:
      appliedTo === null
        ? null
        : { cacheKey: appliedTo as Digest, step: step as number, changesResult: changesResult as boolean },
  }));
}
