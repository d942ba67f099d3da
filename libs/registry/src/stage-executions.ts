import { randomUUID } from 'node:crypto';
import type { Digest, RunId } from '@overture/core';
import type { Database } from './database.ts';
import {
  edgeColumns,
  executionColumns,
  leaseColumns,
  metricColumns,
  outputsOf,
} from './execution-columns.ts';
import type { RecordedExecution, ReusableExecution, StageExecution } from './registry.ts';
import { orRunUnknown } from './run-unknown.ts';

// One round trip and one transaction for any number of executions, in database functions
// (migrations/0005_functions.sql).
const parameters = (count: number): string => Array.from({ length: count }, (_, i) => `$${i + 1}`).join(', ');
const record = `select id from overture.record_executions(${parameters(31)})`;
// Every part of a statement has a cost, even with no rows. Without artifacts and metrics this version takes a
// third less time.
const recordWithoutParts = `select id from overture.record_executions(${parameters(19)})`;

const recordedBefore = `select e.id, e.outputs, w.position::int from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bool[])
      with ordinality as w(run_id, node, cache_key, activity_id, attempt, failed, position)
    join overture.stage_executions e on e.run_id = w.run_id and e.node = w.node and (e.state = 'failed') = w.failed
      and case when w.failed then e.activity_id = w.activity_id and e.attempt = w.attempt else e.cache_key = w.cache_key end`;

const reusable = 'select * from overture.find_reusable($1)';

/** Records executions in one transaction. Implements a batch of `Registry.recordStageExecution`. */
export async function recordExecutions(
  { query }: Database,
  given: readonly StageExecution[],
): Promise<RecordedExecution[]> {
  const rows = given.map((execution) => ({ id: randomUUID(), execution }));
  try {
    const alone = [...executionColumns(rows), ...leaseColumns(rows)];
    const [edges, metrics] = [edgeColumns(rows), metricColumns(rows)];
    const hasParts =
      given.some(({ outcome }) => outcome.state === 'reused') ||
      [edges, metrics].some(([ids]) => ids!.length > 0);
    const inserted = await query<{ id: string }>(
      hasParts ? record : recordWithoutParts,
      hasParts ? [...alone, ...edges, ...metrics] : alone,
    );
    const fresh = new Set(inserted.map(({ id }) => id));
    const others = rows.filter(({ id }) => !fresh.has(id)).map(({ execution }) => execution);
    const earlier = others.length === 0 ? [] : await findRecorded(query, others);
    return rows.map(({ id, execution }) => {
      if (fresh.has(id)) return { id, recorded: true, outputs: outputsOf(execution) };
      const before = earlier[others.indexOf(execution)] as { id: string; outputs: unknown };
      return { id: before.id, recorded: false, outputs: before.outputs };
    });
  } catch (thrown) {
    throw orRunUnknown(thrown, given.length === 1 ? given[0]?.run : undefined);
  }
}

/** Returns, for each key, the newest successful execution. Implements a batch of `Registry.findReusable`. */
export async function findReusables(
  { query }: Database,
  keys: readonly Digest[],
): Promise<(ReusableExecution | undefined)[]> {
  const rows = await query<{
    cache_key: string;
    id: string;
    run_id: string;
    node: string;
    outputs: unknown;
    recorded_at: Date;
  }>(reusable, [[...new Set(keys)]]);
  const byKey = new Map(rows.map((row) => [row.cache_key, row]));
  return keys.map((key) => {
    const row = byKey.get(key);
    return (
      row && {
        id: row.id,
        run: row.run_id as RunId,
        node: row.node,
        outputs: row.outputs,
        recordedAt: row.recorded_at,
      }
    );
  });
}

async function findRecorded(
  query: Database['query'],
  wanted: readonly StageExecution[],
): Promise<{ id: string; outputs: unknown }[]> {
  const column = <T>(pick: (execution: StageExecution) => T): T[] => wanted.map(pick);
  const values = [
    column((e) => e.run),
    column((e) => e.node),
    column((e) => e.cacheKey),
    column((e) => e.activityId ?? ''),
    column((e) => e.attempt ?? 1),
    column((e) => e.outcome.state === 'failed'),
  ];
  const rows = await query<{ id: string; outputs: unknown; position: number }>(recordedBefore, values);
  const byPosition = new Map(rows.map((row) => [row.position, row]));
  return wanted.map((_, i) => byPosition.get(i + 1) as { id: string; outputs: unknown });
}
