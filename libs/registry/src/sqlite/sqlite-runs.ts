import { didYouMean, type RunId } from '@overture/core';
import type { BeginRunRequest, EndRunRequest, LaterExecution } from '@overture/protocol';
import type {
  Metric,
  ObservedEnd,
  PartCost,
  PartCounts,
  RecordedState,
  RunExecution,
  RunFilter,
  RunSummary,
} from '../registry.ts';
import { runUnknown } from '../run-unknown.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { fromJson, nowMs, toJson } from './sqlite-values.ts';

interface RunRow {
  readonly id: RunId;
  readonly workflow: string;
  readonly workflow_id: string;
  readonly temporal_run_id: string;
  readonly state: RecordedState;
  readonly input: string;
  readonly result: string | null;
  readonly error: string | null;
  readonly ended_by: RunSummary['endedBy'];
  readonly namespace_id: string | null;
  readonly execution_id: string | null;
  readonly started_at: number;
  readonly finished_at: number | null;
}

/** @throws AppError `RUN_UNKNOWN` if the run was never started */
export function requireRun(db: SqliteDatabase, run: RunId): void {
  if (db.get('select 1 from runs where id = ?', run) === undefined) throw runUnknown(run);
}

/** Implements `RunRegistry.startRun`. */
export function startRun(
  db: SqliteDatabase,
  {
    run,
    workflowId,
    pipeline,
    input,
    execution,
    namespaceId = null,
  }: BeginRunRequest & { readonly namespaceId?: string | null },
): void {
  db.transaction(() => {
    db.run(
      `insert into runs (id, workflow, workflow_id, temporal_run_id, namespace_id, input, started_at) values (?, ?, ?, ?, ?, ?, ${nowMs}) on conflict do nothing`,
      run,
      pipeline,
      workflowId,
      run.slice(run.lastIndexOf('/') + 1),
      namespaceId,
      toJson(input ?? {}),
    );
    if (execution !== undefined) noteExecution(db, run, execution);
  });
}

/** Implements `RunRegistry.finishRun`. */
export function finishRun(
  db: SqliteDatabase,
  { run, execution, outcome, result, error }: EndRunRequest,
): void {
  db.transaction(() => {
    requireRun(db, run);
    if (execution !== undefined) noteExecution(db, run, execution);
    db.run(
      `update runs set state = ?, result = ?, error = ?, ended_by = 'workflow', finished_at = ${nowMs} where id = ? and state = 'running' and execution_id is ?`,
      outcome,
      result == null ? null : toJson(result),
      error == null ? null : toJson(error),
      run,
      execution?.id ?? null,
    );
  });
}

/** Records another execution of a run, inside a transaction. */
export function noteExecution(db: SqliteDatabase, run: RunId, { id, cause }: LaterExecution): void {
  requireRun(db, run);
  if (db.get('select 1 from run_executions where run_id = ? and execution_id = ?', run, id) !== undefined)
    return;
  // If a run was reset while its workflow was running, Temporal terminated that execution.
  db.run(
    `insert into run_executions (run_id, execution_id, cause, ended, noticed_at)
      select id, coalesce(execution_id, temporal_run_id), 'started', case when ? = 'continued' then 'continued' when state = 'running' then 'terminated' else state end, ${nowMs} from runs where id = ?
      on conflict (run_id, execution_id) do update set ended = coalesce(run_executions.ended, excluded.ended)`,
    cause,
    run,
  );
  db.run(
    `insert into run_executions (run_id, execution_id, cause, noticed_at) values (?, ?, ?, ${nowMs})`,
    run,
    id,
    cause,
  );
  db.run(
    `update runs set execution_id = ?, state = 'running', finished_at = null, result = null, error = null, ended_by = null where id = ?`,
    id,
    run,
  );
}

/** Implements `RunRegistry.observeEnd`. */
export function observeEnd(
  db: SqliteDatabase,
  { run, executionId, state, reason, at }: ObservedEnd & { readonly executionId: string | null },
): boolean {
  const statement = `update runs set state = ?, error = ?, ended_by = 'temporal', finished_at = coalesce(?, ${nowMs}) where id = ? and state = 'running' and execution_id is ?`;
  return (
    db.run(
      statement,
      state,
      reason === undefined ? null : toJson(reason),
      at?.getTime() ?? null,
      run,
      executionId,
    ) > 0
  );
}

/** The executions of a run: the first one, then the others in the order of recording. */
export function listExecutions(db: SqliteDatabase, run: RunId): RunExecution[] {
  const rows = db.all<{
    execution: string;
    cause: RunExecution['cause'];
    ended: RunExecution['ended'];
    noticed_at: number;
  }>(
    `select execution_id as execution, cause, ended, noticed_at from run_executions where run_id = ? order by cause <> 'started', sequence`,
    run,
  );
  return rows.map(({ noticed_at: at, ...row }) => ({ ...row, noticedAt: new Date(at) }));
}

/** Implements `RunRegistry.listRuns`. */
export function listRuns(
  db: SqliteDatabase,
  { limit = 50, workflow, state, before, topLevel = false }: RunFilter = {},
): RunSummary[] {
  const conditions: readonly (readonly [string, string | undefined])[] = [
    ['workflow = ?', workflow],
    ['state = ?', state],
    ['sequence < (select sequence from runs where id = ?)', before],
  ];
  const used = conditions.filter(([, value]) => value !== undefined);
  // A child workflow's id consists of its parent's workflow id, a slash and the node's name. rtrim removes
  // what follows the last slash.
  const isTopLevel = `not exists (select 1 from runs as parent where parent.workflow_id || '/' = rtrim(runs.workflow_id, replace(runs.workflow_id, '/', '')))`;
  const wanted = [...used.map(([condition]) => condition), ...(topLevel ? [isTopLevel] : [])];
  const rows = db.all<RunRow>(
    `select * from runs where ${wanted.join(' and ') || 'true'} order by sequence desc limit ?`,
    ...used.map(([, value]) => value as string),
    limit,
  );
  return rows.map(toRun);
}

/** Joins a run `parent` with the runs `part` of its child workflows at any depth. */
const withParts = `runs as parent join runs as part on substr(part.workflow_id, 1, length(parent.workflow_id) + 1) = parent.workflow_id || '/' and part.sequence > parent.sequence`;

/** Implements `RunRegistry.partsOf`. */
export function partsOf(db: SqliteDatabase, ids: readonly RunId[]): ReadonlyMap<RunId, PartCounts> {
  const parts = new Map<RunId, PartCounts>();
  for (const id of ids) {
    // A workflow id may be reused: children belong to the run during which they started.
    const counts = db.all<{ state: RecordedState; count: number }>(
      `select part.state, count(*) as count from ${withParts} where parent.id = ? and part.started_at <= coalesce(parent.finished_at, part.started_at) group by part.state`,
      id,
    );
    if (counts.length > 0)
      parts.set(id, Object.fromEntries(counts.map(({ state, count }) => [state, count])));
  }
  return parts;
}

/** Implements `RunRegistry.costsOfParts`. */
export function costsOfParts(db: SqliteDatabase, run: RunId): PartCost[] {
  requireRun(db, run);
  // A reused output has the cost of the execution that computed it. A child workflow that was started again
  // counts once.
  const rows = db.all<Omit<PartCost, 'measured'> & { id: string; run: string }>(
    `select part.workflow_id as workflowId, execution.stage, computed.duration_ms / 1000 as seconds, computed.id, computed.run_id as run
      from ${withParts}
      join stage_executions as execution on execution.run_id = part.id and execution.state <> 'failed'
      join stage_executions as computed on computed.id = coalesce(execution.reused_from, execution.id)
      where parent.id = ? and not exists (select 1 from runs as later where later.workflow_id = part.workflow_id and later.sequence > part.sequence)
      order by part.workflow_id, execution.sequence`,
    run,
  );
  return rows.map(({ id, run: of, ...cost }) => {
    const measured = db.all<{ name: string; value: number | null }>(
      `select name, value from metrics where execution_id = ? and run_id = ? and substr(scope, 1, 4) = 'cost'`,
      id,
      of,
    );
    return {
      ...cost,
      measured: Object.fromEntries(measured.map(({ name, value }) => [name, value ?? Number.NaN])),
    };
  });
}

/** Finds a run by its id, by Temporal's run id, or the newest by workflow id. */
export function findRun(db: SqliteDatabase, id: string): RunSummary {
  const row = db.get<RunRow>(
    'select * from runs where id = ? or temporal_run_id = ? or execution_id = ? or workflow_id = ? order by sequence desc limit 1',
    id,
    id,
    id,
    id,
  );
  if (row !== undefined) return toRun(row);
  const known = db.all<{ workflow_id: string }>(
    'select workflow_id from runs order by sequence desc limit 200',
  );
  throw runUnknown(
    id,
    didYouMean(
      id,
      known.map((each) => each.workflow_id),
    ),
  );
}

/** Implements `RunRegistry.recordMetrics`. */
export function recordMetrics(db: SqliteDatabase, run: RunId, metrics: readonly Metric[]): void {
  if (metrics.length === 0) return;
  db.transaction(() => {
    requireRun(db, run);
    for (const metric of metrics) setMetric(db, run, metric, null);
  });
}

/** Sets a metric of a run. `execution` is the execution that measured it. */
export function setMetric(
  db: SqliteDatabase,
  run: RunId,
  { scope, name, step = 0, value }: Metric,
  execution: string | null,
): void {
  db.run(
    `insert into metrics (run_id, scope, name, step, value, execution_id) values (?, ?, ?, ?, ?, ?)
      on conflict (run_id, scope, name, step) do update set value = excluded.value, execution_id = excluded.execution_id`,
    run,
    scope,
    name,
    step,
    value,
    execution,
  );
}

/** The metrics of a run, sorted by scope, name and step. */
export function listMetrics(db: SqliteDatabase, run: RunId): Required<Metric>[] {
  const rows = db.all<{ scope: string; name: string; step: number; value: number | null }>(
    'select scope, name, step, value from metrics where run_id = ? order by scope, name, step',
    run,
  );
  return rows.map(({ value, ...row }) => ({ ...row, value: value ?? Number.NaN }));
}

function toRun(row: RunRow): RunSummary {
  return {
    id: row.id,
    workflow: row.workflow,
    workflowId: row.workflow_id,
    temporalRunId: row.temporal_run_id,
    executionId: row.execution_id,
    namespaceId: row.namespace_id,
    state: row.state,
    input: fromJson(row.input),
    result: fromJson(row.result),
    error: fromJson(row.error),
    endedBy: row.ended_by,
    startedAt: new Date(row.started_at),
    finishedAt: row.finished_at === null ? null : new Date(row.finished_at),
  };
}
