import type { RunId } from '@overture/core';
import { asc, eq } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { Metric } from './registry.ts';
import { orRunUnknown } from './run-unknown.ts';

const upsert = `insert into overture.metrics (run_id, scope, name, step, value)
    select $1, scope, name, step, value from unnest($2::text[], $3::text[], $4::int[], $5::float8[]) as given(scope, name, step, value)
    order by scope, name, step
    on conflict (run_id, scope, name, step) do update set value = excluded.value, execution_id = null`;

/** Implements `Registry.recordMetrics`. */
export async function recordMetrics(
  { query }: Database,
  run: RunId,
  given: readonly Metric[],
): Promise<void> {
  // The last value for a key counts, because one statement cannot update a row twice.
  const unique = [
    ...new Map(
      given.map((metric) => [JSON.stringify([metric.scope, metric.name, metric.step ?? 0]), metric]),
    ).values(),
  ];
  if (unique.length === 0) return;
  const columns = [
    unique.map((m) => m.scope),
    unique.map((m) => m.name),
    unique.map((m) => m.step ?? 0),
    unique.map((m) => m.value),
  ];
  try {
    await query(upsert, [run, ...columns]);
  } catch (thrown) {
    throw orRunUnknown(thrown, run);
  }
}

/** The metrics of a run, sorted by scope, name and step. */
export async function listMetrics(
  { run: query, tables: { metrics } }: Database,
  run: RunId,
): Promise<Required<Metric>[]> {
  const { scope, name, step, value } = metrics;
  return query((db) =>
    db
      .select({ scope, name, step, value })
      .from(metrics)
      .where(eq(metrics.run, run))
      .orderBy(asc(scope), asc(name), asc(step)),
  );
}
