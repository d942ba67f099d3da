import type { BeginRunRequest, EndRunRequest } from '@overture/protocol';
import { didYouMean, type RunId } from '@overture/core';
import { and, asc, count, desc, eq, inArray, isNull, or, sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from './database.ts';
import { listMetrics } from './metrics.ts';
import { versionsWhere } from './model-versions.ts';
import type { PartCounts, RecordedStage, RunDetails, RunFilter, RunSummary } from './registry.ts';
import { listExecutions, noteExecution } from './run-executions.ts';
import { listStages } from './run-stages.ts';
import { controlsOfRun } from './stage-controls.ts';
import { runUnknown } from './run-unknown.ts';
import type { Tables } from './schema.ts';

/** Implements `Registry.startRun`. */
export async function startRun(
  database: Database,
  {
    run: id,
    workflowId,
    pipeline,
    input,
    execution,
    namespaceId,
  }: BeginRunRequest & { readonly namespaceId?: string },
): Promise<void> {
  const temporalRunId = id.slice(id.lastIndexOf('/') + 1);
  await database.run((db) =>
    db
      .insert(database.tables.runs)
      .values({ id, workflow: pipeline, workflowId, temporalRunId, namespaceId, input: input ?? {} })
      .onConflictDoNothing(),
  );
  if (execution !== undefined) await noteExecution(database, id, execution);
}

/** Implements `Registry.finishRun`. */
export async function finishRun(database: Database, end: EndRunRequest): Promise<void> {
  const {
    run,
    tables: { runs },
  } = database;
  if (end.execution !== undefined) await noteExecution(database, end.run, end.execution);
  const finish = {
    state: end.outcome,
    error: end.error,
    result: end.result,
    endedBy: 'workflow' as const,
    finishedAt: sql`now()`,
  };
  const counts =
    end.execution === undefined ? isNull(runs.executionId) : eq(runs.executionId, end.execution.id);
  const finished = await run((db) =>
    db
      .update(runs)
      .set(finish)
      .where(and(eq(runs.id, end.run), eq(runs.state, 'running'), counts))
      .returning({ id: runs.id }),
  );
  if (finished.length > 0) return;
  const known = await run((db) => db.select({ id: runs.id }).from(runs).where(eq(runs.id, end.run)));
  if (known.length === 0) throw runUnknown(end.run);
}

/** Implements `Registry.listRuns`. */
export async function listRuns(
  { run, tables: { runs } }: Database,
  { limit = 50, workflow, state, before, topLevel = false }: RunFilter = {},
): Promise<RunSummary[]> {
  const olderThan =
    before &&
    sql`(${runs.startedAt}, ${runs.id}) < (select started_at, id from ${runs} as last where last.id = ${before})`;
  const rows = await run((db) =>
    db
      .select()
      .from(runs)
      .where(
        and(
          workflow === undefined ? undefined : eq(runs.workflow, workflow),
          state && eq(runs.state, state),
          olderThan,
          topLevel ? isTopLevel(runs) : undefined,
        ),
      )
      .orderBy(desc(runs.startedAt), desc(runs.id))
      .limit(limit),
  );
  return rows.map(toRun);
}

/** A child workflow's id consists of its parent's workflow id, a slash and the node's name. */
const isTopLevel = (runs: Tables['runs']): SQL =>
  sql`not exists (select 1 from ${runs} as parent where parent.workflow_id = regexp_replace(${runs.workflowId}, '/[^/]*$', '') and parent.workflow_id <> ${runs.workflowId})`;

/** Implements `Registry.partsOf`. */
export async function partsOf(
  { run, tables: { runs } }: Database,
  ids: readonly RunId[],
): Promise<ReadonlyMap<RunId, PartCounts>> {
  if (ids.length === 0) return new Map();
  const part = alias(runs, 'part');
  const rows = await run((db) =>
    db
      .select({ id: runs.id, state: part.state, count: count() })
      .from(runs)
      // A workflow id may be reused: children belong to the run during which they started.
      .innerJoin(
        part,
        sql`starts_with(${part.workflowId}, ${runs.workflowId} || '/') and ${part.startedAt} >= ${runs.startedAt} and ${part.startedAt} <= coalesce(${runs.finishedAt}, now())`,
      )
      .where(inArray(runs.id, [...ids]))
      .groupBy(runs.id, part.state),
  );
  const parts = new Map<RunId, Partial<Record<RunSummary['state'], number>>>();
  for (const row of rows)
    parts.set(row.id as RunId, { ...parts.get(row.id as RunId), [row.state]: row.count });
  return parts;
}

/** Implements `Registry.getRun`. */
export async function getRun(database: Database, id: string): Promise<RunDetails> {
  const summary = await findRun(database, id);
  const [executions, stages, controls, metrics, models] = await Promise.all([
    listExecutions(database, summary.id),
    listStages(database, summary.id),
    controlsOfRun(database, summary.id),
    listMetrics(database, summary.id),
    versionsWhere(database, eq(database.tables.modelVersions.run, summary.id)),
  ]);
  return { ...summary, executions, stages, controls, metrics, models };
}

/** The latest successful execution of a node of a run. Implements `Registry.executionOf`. */
export async function executionOf(
  database: Database,
  run: string,
  node: string,
): Promise<RecordedStage | undefined> {
  const { id } = await findRun(database, run);
  return (await listStages(database, id)).findLast(
    (stage) => stage.node === node && stage.state !== 'failed',
  );
}

async function findRun(database: Database, id: string): Promise<RunSummary> {
  const { runs } = database.tables;
  const rows = await database.run((db) =>
    db
      .select()
      .from(runs)
      .where(
        or(eq(runs.id, id), eq(runs.temporalRunId, id), eq(runs.executionId, id), eq(runs.workflowId, id)),
      )
      .orderBy(desc(runs.startedAt), asc(runs.id))
      .limit(1),
  );
  if (rows[0] === undefined) {
    const known = await database.run((db) =>
      db.select({ workflowId: runs.workflowId }).from(runs).orderBy(desc(runs.startedAt)).limit(200),
    );
    throw runUnknown(
      id,
      didYouMean(
        id,
        known.map(({ workflowId }) => workflowId),
      ),
    );
  }
  return toRun(rows[0]);
}

function toRun(row: Tables['runs']['$inferSelect']): RunSummary {
  return { ...row, id: row.id as RunId };
}
