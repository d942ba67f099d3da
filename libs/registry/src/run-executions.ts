import type { LaterExecution } from '@overture/protocol';
import type { RunId } from '@overture/core';
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { ObservedEnd, RunExecution } from './registry.ts';
import { orRunUnknown } from './run-unknown.ts';

// One statement, so that concurrent workers record an execution once. If a run was reset while its workflow
// was running, Temporal terminated that execution.
const note = `with known as (
    insert into overture.run_executions (run_id, execution_id, cause) values ($1, $2, $3) on conflict do nothing returning run_id),
  before as (select id, state, coalesce(execution_id, temporal_run_id) as execution_id from overture.runs where id = $1 and exists (select 1 from known) for update),
  earlier as (
    insert into overture.run_executions (run_id, execution_id, cause, ended)
    select id, execution_id, 'started', case when $3 = 'continued' then 'continued' when state = 'running' then 'terminated' else state end from before
    on conflict (run_id, execution_id) do update set ended = coalesce(run_executions.ended, excluded.ended))
  update overture.runs r set execution_id = $2, state = 'running', finished_at = null, result = null, error = null, ended_by = null from before where r.id = before.id`;

/** Implements `Registry.noteExecution`. */
export async function noteExecution(
  { query }: Database,
  run: RunId,
  { id, cause }: LaterExecution,
): Promise<void> {
  try {
    await query(note, [run, id, cause]);
  } catch (thrown) {
    throw orRunUnknown(thrown, run);
  }
}

/** Implements `Registry.observeEnd`. */
export async function observeEnd(
  { run: query, tables: { runs } }: Database,
  { run, executionId, state, reason, at }: ObservedEnd & { readonly executionId: string | null },
): Promise<boolean> {
  const counts = executionId === null ? isNull(runs.executionId) : eq(runs.executionId, executionId);
  const end = { state, error: reason, endedBy: 'temporal' as const, finishedAt: at ?? sql`now()` };
  const ended = await query((db) =>
    db
      .update(runs)
      .set(end)
      .where(and(eq(runs.id, run), eq(runs.state, 'running'), counts))
      .returning({ id: runs.id }),
  );
  return ended.length > 0;
}

/** The executions of a run: the first one, then the others in the order of recording. */
export async function listExecutions(
  { run: query, tables: { runExecutions } }: Database,
  run: RunId,
): Promise<RunExecution[]> {
  const { execution, cause, ended, noticedAt } = runExecutions;
  const started = sql`case when ${cause} = 'started' then 0 else 1 end`;
  return query((db) =>
    db
      .select({ execution, cause, ended, noticedAt })
      .from(runExecutions)
      .where(eq(runExecutions.run, run))
      .orderBy(asc(started), asc(runExecutions.sequence)),
  );
}
