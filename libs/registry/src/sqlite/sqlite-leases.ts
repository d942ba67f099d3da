import type { HeldLease } from '../registry.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { nowMs } from './sqlite-values.ts';

/** Implements `RunRegistry.renewLease`. */
export function renewLease(db: SqliteDatabase, { cacheKey, token, leaseMs }: HeldLease): boolean {
  return (
    db.run(
      `update stage_leases set expires_at = cast(${nowMs} + ? as integer) where cache_key = ? and token = ?`,
      leaseMs,
      cacheKey,
      token,
    ) > 0
  );
}

/** Implements `RunRegistry.releaseLease`. */
export function releaseLease(
  db: SqliteDatabase,
  { cacheKey, token }: Pick<HeldLease, 'cacheKey' | 'token'>,
): void {
  db.run('delete from stage_leases where cache_key = ? and token = ?', cacheKey, token);
}
