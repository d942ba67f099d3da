import { randomUUID } from 'node:crypto';
import type { Digest, RunId } from '@overture/core';
import type { Database } from './database.ts';
import { edgeColumns, executionColumns, leaseColumns, metricColumns, outputsOf } from './execution-columns.ts';
import type { RecordedExecution, ReusableExecution, StageExecution } from './registry.ts';
import { orRunUnknown } from './run-unknown.ts';

// One prepared statement, one round trip and one transaction for any number of executions. Rows go in sorted, so that two batches
// that meet wait for one another in turn instead of crosswise. What an execution is by itself, and where its lease ends:
const executions = `given as (
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::text[], $12::uuid[], $13::text[], $14::int[], $15::float8[], $16::text[], $17::text[])
        as g(id, run_id, node, stage, version, cache_key, fingerprint, state, input, outputs, error, reused_from, activity_id, attempt, duration_ms, environment, controls)
    ), inserted as (
      insert into overture.stage_executions
        (id, run_id, node, stage, version, cache_key, fingerprint, state, input, outputs, error, reused_from, activity_id, attempt, duration_ms, environment, controls)
      select id, run_id, node, stage, version, cache_key, fingerprint::json, state, input::json, outputs::json, error::json,
        coalesce(reused_from, case when state = 'reused' then (
          select e.id from overture.stage_executions e where e.cache_key = given.cache_key and e.state = 'ran' order by sequence desc limit 1
        ) end),
        activity_id, attempt, duration_ms, environment::json, controls::json
      from given order by run_id, node, cache_key, activity_id, attempt
      on conflict do nothing
      returning id, run_id, reused_from
    ), ended as (
      select l.cache_key from (select * from unnest($18::text[], $19::uuid[]) as r(cache_key, token) order by cache_key) r
        cross join lateral (select cache_key from overture.stage_leases where cache_key = r.cache_key and token = r.token limit 1 for update) l
    ), released as (
      delete from overture.stage_leases where cache_key = any (array(select cache_key from ended))
    )`;

// What it was made of and gave, and what was measured; a reused one has the measurements of the one it stands for.
const parts = `edges as (
      select e.* from unnest($20::uuid[], $21::text[], $22::text[], $23::text[], $24::text[], $25::bigint[])
        as e(execution_id, direction, name, digest, kind, bytes)
      join inserted on inserted.id = e.execution_id
    ), known as (
      insert into overture.artifacts (digest, kind, bytes)
      select distinct on (digest, kind) digest, kind, bytes from edges order by digest, kind
      on conflict do nothing
    ), linked as (
      insert into overture.lineage (execution_id, direction, name, digest, kind)
      select execution_id, direction, name, digest, kind from edges
    ), measured as (
      insert into overture.metrics (run_id, scope, name, step, value, execution_id)
      select distinct on (run_id, scope, name, step) run_id, scope, name, step, value, execution_id from (
        select m.run_id, scope, name, step, value, execution_id, true as own
          from unnest($26::uuid[], $27::text[], $28::text[], $29::text[], $30::int[], $31::float8[])
          as m(execution_id, run_id, scope, name, step, value) join inserted on inserted.id = m.execution_id
        union all
        select inserted.run_id, scope, name, step, value, inserted.id, false
          from inserted join overture.metrics m on m.execution_id = inserted.reused_from
      ) as of_execution order by run_id, scope, name, step, own desc
      on conflict (run_id, scope, name, step) do update set value = excluded.value, execution_id = excluded.execution_id
    )`;

// A part of a statement costs even where it has nothing to do: those without parts take a third less.
const record = { name: 'overture_record_executions', text: `with ${executions}, ${parts} select id from inserted` };
const recordWithoutParts = { name: 'overture_record_executions_alone', text: `with ${executions} select id from inserted` };

const recordedBefore = {
  name: 'overture_recorded_before',
  text: `select e.id, e.outputs, w.position::int from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bool[])
      with ordinality as w(run_id, node, cache_key, activity_id, attempt, failed, position)
    join overture.stage_executions e on e.run_id = w.run_id and e.node = w.node and (e.state = 'failed') = w.failed
      and case when w.failed then e.activity_id = w.activity_id and e.attempt = w.attempt else e.cache_key = w.cache_key end`,
};

const reusable = {
  name: 'overture_find_reusable',
  text: `select w.cache_key, e.id, e.run_id, e.node, e.outputs, e.recorded_at from unnest($1::text[]) as w(cache_key)
    cross join lateral (
      select * from overture.stage_executions where cache_key = w.cache_key and state = 'ran' order by sequence desc limit 1
    ) e`,
};

export async function recordExecutions({ pool, error }: Database, given: readonly StageExecution[]): Promise<RecordedExecution[]> {
  const rows = given.map((execution) => ({ id: randomUUID(), execution }));
  try {
    const alone = [...executionColumns(rows), ...leaseColumns(rows)];
    const [edges, metrics] = [edgeColumns(rows), metricColumns(rows)];
    const hasParts = given.some(({ outcome }) => outcome.state === 'reused') || [edges, metrics].some(([ids]) => ids!.length > 0);
    const { rows: inserted } = await pool.query<{ id: string }>(hasParts ? { ...record, values: [...alone, ...edges, ...metrics] } : { ...recordWithoutParts, values: alone });
    const fresh = new Set(inserted.map(({ id }) => id));
    const others = rows.filter(({ id }) => !fresh.has(id)).map(({ execution }) => execution);
    const earlier = others.length === 0 ? [] : await findRecorded(pool, others);
    return rows.map(({ id, execution }) => {
      if (fresh.has(id)) return { id, recorded: true, outputs: outputsOf(execution) };
      const before = earlier[others.indexOf(execution)] as { id: string; outputs: unknown };
      return { id: before.id, recorded: false, outputs: before.outputs };
    });
  } catch (thrown) {
    throw orRunUnknown(error(thrown), given.length === 1 ? given[0]?.run : undefined);
  }
}

export async function findReusables({ pool, error }: Database, keys: readonly Digest[]): Promise<(ReusableExecution | undefined)[]> {
  try {
    const { rows } = await pool.query<{ cache_key: string; id: string; run_id: string; node: string; outputs: unknown; recorded_at: Date }>({
      ...reusable,
      values: [[...new Set(keys)]],
    });
    const byKey = new Map(rows.map((row) => [row.cache_key, row]));
    return keys.map((key) => {
      const row = byKey.get(key);
      return row && { id: row.id, run: row.run_id as RunId, node: row.node, outputs: row.outputs, recordedAt: row.recorded_at };
    });
  } catch (thrown) {
    throw error(thrown);
  }
}

async function findRecorded(pool: Database['pool'], wanted: readonly StageExecution[]): Promise<{ id: string; outputs: unknown }[]> {
  const column = <T>(pick: (execution: StageExecution) => T): T[] => wanted.map(pick);
  const values = [
    column((e) => e.run),
    column((e) => e.node),
    column((e) => e.cacheKey),
    column((e) => e.activityId ?? ''),
    column((e) => e.attempt ?? 1),
    column((e) => e.outcome.state === 'failed'),
  ];
  const { rows } = await pool.query<{ id: string; outputs: unknown; position: number }>({ ...recordedBefore, values });
  const byPosition = new Map(rows.map((row) => [row.position, row]));
  return wanted.map((_, i) => byPosition.get(i + 1) as { id: string; outputs: unknown });
}
