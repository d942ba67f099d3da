import type { Digest, RunId } from '@overture/core';
import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import type { ClaimAnswer, HeldLease, StageClaim } from './registry.ts';

// One round trip and one transaction for any number of claims. Keys go in sorted, so that two batches that meet wait for one another
// in turn. A row that is in the way is taken over when its term is over, or when it belongs to an earlier attempt of the same activity:
// Temporal starts an attempt only once it has given up the one before. A claim does not wait for the disk: should the server crash and forget
// it, the lease is over, as if its holder had been silent.
const claim = {
  name: 'overture_claim_stages',
  text: `with wanted as (
      select w.* from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::bool[], $9::float8[])
        with ordinality as w(cache_key, token, run_id, node, stage, activity_id, attempt, reuse, lease_ms, position),
        set_config('synchronous_commit', 'off', true)
    ), found as (
      select w.position, e.id, e.run_id, e.node, e.outputs, e.recorded_at from wanted w cross join lateral (
        select * from overture.stage_executions where cache_key = w.cache_key and state = 'ran' order by sequence desc limit 1
      ) e where w.reuse
    ), leased as (
      insert into overture.stage_leases as l (cache_key, token, run_id, node, activity_id, attempt, expires_at)
      select distinct on (cache_key) cache_key, token, run_id, node, activity_id, attempt, clock_timestamp() + lease_ms * interval '1 millisecond'
      from wanted where position not in (select position from found) order by cache_key, position
      on conflict (cache_key) do update set token = excluded.token, run_id = excluded.run_id, node = excluded.node,
        activity_id = excluded.activity_id, attempt = excluded.attempt, expires_at = excluded.expires_at
        where l.expires_at < clock_timestamp()
          or (l.run_id = excluded.run_id and l.node = excluded.node and l.activity_id = excluded.activity_id and l.attempt < excluded.attempt)
      returning cache_key, token
    )
    select w.position::int, found.id as found_id, found.run_id as found_run, found.node as found_node, found.outputs, found.recorded_at,
      leased.token is not null as leased, held.run_id as held_run, held.node as held_node,
      before.run_id as before_run, before.version, before.input, before.environment, before.fingerprint, before.controls, before.recorded_at as before_at
    from wanted w
      left join found using (position)
      left join leased on leased.token = w.token
      left join lateral (select run_id, node from overture.stage_leases where cache_key = w.cache_key limit 1) held on true
      left join lateral (
        select * from overture.stage_executions where stage = w.stage and node = w.node and state <> 'failed' order by sequence desc limit 1
      ) before on found.id is null`,
};

const renew = {
  name: 'overture_renew_leases',
  text: `with held as (
      select l.cache_key from overture.stage_leases l join unnest($1::text[], $2::uuid[]) as w(cache_key, token) using (cache_key, token) order by l.cache_key for update
    )
    update overture.stage_leases l set expires_at = clock_timestamp() + w.lease_ms * interval '1 millisecond'
    from unnest($1::text[], $2::uuid[], $3::float8[]) as w(cache_key, token, lease_ms), held
    where l.cache_key = w.cache_key and l.token = w.token and held.cache_key = l.cache_key returning l.token`,
};

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

export async function claimStages(database: Database, claims: readonly StageClaim[]): Promise<ClaimAnswer[]> {
  const tokens = claims.map(() => randomUUID());
  const column = (pick: (each: StageClaim) => unknown): unknown[] => claims.map(pick);
  const values = [
    column((c) => c.cacheKey), tokens, column((c) => c.run), column((c) => c.node), column((c) => c.stage),
    column((c) => c.activityId), column((c) => c.attempt), column((c) => c.reuse), column((c) => c.leaseMs),
  ];
  try {
    const { rows } = await database.pool.query<ClaimRow>({ ...claim, values });
    const byPosition = new Map(rows.map((row) => [row.position, row]));
    return claims.map(({ run, node }, i) => answerOf(byPosition.get(i + 1) as ClaimRow, tokens[i] as string, { run, node }));
  } catch (thrown) {
    throw database.error(thrown);
  }
}

function answerOf(row: ClaimRow, token: string, asker: { run: RunId; node: string }): ClaimAnswer {
  if (row.found_id !== null) return { kind: 'reusable', execution: { id: row.found_id, run: row.found_run, node: row.found_node, outputs: row.outputs, recordedAt: row.recorded_at } };
  // Nobody held it at the statement's start: a claim of the same batch was first, or one that met it.
  if (!row.leased) return { kind: 'held', by: row.held_run === null ? asker : { run: row.held_run, node: row.held_node ?? '' } };
  const { before_run: run, version, input, environment, fingerprint, controls, before_at: recordedAt } = row;
  return {
    kind: 'leased', token,
    // The holder may have recorded its outputs while this statement waited for its row.
    contended: row.held_run !== null,
    before: run === null ? undefined : { run, version, input, environment: environment ?? undefined, fingerprint, controls, recordedAt },
  };
}

export async function renewLeases({ pool, error }: Database, leases: readonly HeldLease[]): Promise<boolean[]> {
  try {
    const values = [leases.map(({ cacheKey }) => cacheKey), leases.map(({ token }) => token), leases.map(({ leaseMs }) => leaseMs)];
    const { rows } = await pool.query<{ token: string }>({ ...renew, values });
    const renewed = new Set(rows.map(({ token }) => token));
    return leases.map(({ token }) => renewed.has(token));
  } catch (thrown) {
    throw error(thrown);
  }
}

export async function releaseLease({ pool, error }: Database, cacheKey: Digest, token: string): Promise<void> {
  try {
    await pool.query('delete from overture.stage_leases where cache_key = $1 and token = $2', [cacheKey, token]);
  } catch (thrown) {
    throw error(thrown);
  }
}
