import { randomUUID } from 'node:crypto';
import type { RunId } from '@overture/core';
import type { ClaimAnswer, StageClaim } from '../registry.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { earlierExecutions, findReusable } from './sqlite-stages.ts';
import { nowMs } from './sqlite-values.ts';

interface LeaseRow {
  readonly run_id: RunId;
  readonly node: string;
  readonly activity_id: string;
  readonly attempt: number;
  readonly expired: number;
}

/** Implements `RunRegistry.claimStage`. */
export function claimStage(
  db: SqliteDatabase,
  { run, node, stage, cacheKey, activityId, attempt, reuse, leaseMs }: StageClaim,
): ClaimAnswer {
  return db.transaction((): ClaimAnswer => {
    const execution = reuse ? findReusable(db, cacheKey) : undefined;
    if (execution !== undefined) return { kind: 'reusable', execution };
    const held = db.get<LeaseRow>(
      `select *, expires_at < ${nowMs} as expired from stage_leases where cache_key = ?`,
      cacheKey,
    );
    // An attempt starts only after the earlier attempts of the same activity have ended.
    const isEarlierAttempt =
      held?.run_id === run && held.node === node && held.activity_id === activityId && held.attempt < attempt;
    if (held !== undefined && held.expired === 0 && !isEarlierAttempt)
      return { kind: 'held', by: { run: held.run_id, node: held.node } };
    const token = randomUUID();
    db.run(
      `insert or replace into stage_leases (cache_key, token, run_id, node, activity_id, attempt, expires_at) values (?, ?, ?, ?, ?, ?, cast(${nowMs} + ? as integer))`,
      cacheKey,
      token,
      run,
      node,
      activityId,
      attempt,
      leaseMs,
    );
    return {
      kind: 'leased',
      token,
      contended: held !== undefined,
      before: earlierExecutions(db, { stage, node, limit: 1 })[0],
    };
  });
}
