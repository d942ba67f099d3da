import type { Digest, RunId } from '@overture/core';
import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import type { ClaimAnswer, HeldLease, StageClaim } from './registry.ts';

// One round trip and one transaction for any number of claims, in database functions
// (migrations/0005_functions.sql).
const claim = 'select * from overture.claim_stages($1, $2, $3, $4, $5, $6, $7, $8, $9)';
const renew = 'select renewed as token from overture.renew_leases($1, $2, $3) as renewed';

interface ClaimRow {
  readonly position: number;
  readonly found_id: string | null;
  readonly found_run: RunId;
  readonly found_node: string;
  readonly outputs: unknown;
  readonly recorded_at: Date;
  readonly leased: boolean;
  readonly held_run: RunId | null;
  readonly held_node: string | null;
  readonly before_run: RunId | null;
  readonly version: number;
  readonly input: unknown;
  readonly environment: Readonly<Record<string, string>> | null;
  readonly fingerprint: unknown;
  readonly controls: unknown;
  readonly before_at: Date;
}

/** Implements a batch of `Registry.claimStage`. */
export async function claimStages(
  { query }: Database,
  claims: readonly StageClaim[],
): Promise<ClaimAnswer[]> {
  const tokens = claims.map(() => randomUUID());
  const column = (pick: (each: StageClaim) => unknown): unknown[] => claims.map(pick);
  const values = [
    column((c) => c.cacheKey),
    tokens,
    column((c) => c.run),
    column((c) => c.node),
    column((c) => c.stage),
    column((c) => c.activityId),
    column((c) => c.attempt),
    column((c) => c.reuse),
    column((c) => c.leaseMs),
  ];
  const rows = await query<ClaimRow>(claim, values);
  const byPosition = new Map(rows.map((row) => [row.position, row]));
  return claims.map(({ run, node }, i) =>
    answerOf(byPosition.get(i + 1) as ClaimRow, tokens[i] as string, { run, node }),
  );
}

function answerOf(row: ClaimRow, token: string, asker: { run: RunId; node: string }): ClaimAnswer {
  if (row.found_id !== null)
    return {
      kind: 'reusable',
      execution: {
        id: row.found_id,
        run: row.found_run,
        node: row.found_node,
        outputs: row.outputs,
        recordedAt: row.recorded_at,
      },
    };
  // The key had no holder when the statement started: another claim of the same batch, or a concurrent one,
  // was first.
  if (!row.leased)
    return {
      kind: 'held',
      by: row.held_run === null ? asker : { run: row.held_run, node: row.held_node ?? '' },
    };
  const { before_run: run, version, input, environment, fingerprint, controls, before_at: recordedAt } = row;
  return {
    kind: 'leased',
    token,
    // The previous holder may have recorded its outputs while this statement waited for the row.
    contended: row.held_run !== null,
    before:
      run === null
        ? undefined
        : { run, version, input, environment: environment ?? undefined, fingerprint, controls, recordedAt },
  };
}

/** Implements a batch of `Registry.renewLease`. */
export async function renewLeases({ query }: Database, leases: readonly HeldLease[]): Promise<boolean[]> {
  const values = [
    leases.map(({ cacheKey }) => cacheKey),
    leases.map(({ token }) => token),
    leases.map(({ leaseMs }) => leaseMs),
  ];
  const rows = await query<{ token: string }>(renew, values);
  const renewed = new Set(rows.map(({ token }) => token));
  return leases.map(({ token }) => renewed.has(token));
}

/** Implements `Registry.releaseLease`. */
export async function releaseLease({ query }: Database, cacheKey: Digest, token: string): Promise<void> {
  await query('delete from overture.stage_leases where cache_key = $1 and token = $2', [cacheKey, token]);
}
