import { randomUUID } from 'node:crypto';
import type { Digest, RunId } from '@overture/core';
import { artifactRefsIn } from '../artifact-refs-in.ts';
import { outputsOf } from '../execution-columns.ts';
import type {
  EarlierExecution,
  RecordedExecution,
  RecordedStage,
  ReusableExecution,
  StageExecution,
} from '../registry.ts';
import { releaseLease } from './sqlite-leases.ts';
import { requireRun, setMetric } from './sqlite-runs.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { fromJson, nowMs, toJson, toJsonOrNull } from './sqlite-values.ts';

interface StageRow {
  readonly id: string;
  readonly run_id: RunId;
  readonly node: string;
  readonly stage: string;
  readonly version: number;
  readonly cache_key: Digest | null;
  readonly fingerprint: string | null;
  readonly environment: string | null;
  readonly controls: string | null;
  readonly state: RecordedStage['state'];
  readonly input: string;
  readonly outputs: string | null;
  readonly error: string | null;
  readonly reused_from: string | null;
  readonly attempt: number;
  readonly duration_ms: number;
  readonly recorded_at: number;
}

const newestRan = `select * from stage_executions where cache_key = ? and state = 'ran' order by sequence desc limit 1`;

/** Implements `RunRegistry.recordStageExecution`. */
export function recordStageExecution(db: SqliteDatabase, execution: StageExecution): RecordedExecution {
  return db.transaction(() => {
    const { run, lease } = execution;
    requireRun(db, run);
    if (lease !== undefined) releaseLease(db, lease);
    const recorded = findRecorded(db, execution);
    if (recorded !== undefined)
      return { id: recorded.id, recorded: false, outputs: fromJson(recorded.outputs) };
    const id = insertExecution(db, execution);
    for (const metric of execution.metrics ?? []) setMetric(db, run, metric, id);
    return { id, recorded: true, outputs: outputsOf(execution) };
  });
}

function findRecorded(
  db: SqliteDatabase,
  { run, node, cacheKey, outcome, activityId = '', attempt = 1 }: StageExecution,
): StageRow | undefined {
  return outcome.state === 'failed'
    ? db.get<StageRow>(
        `select * from stage_executions where run_id = ? and node = ? and activity_id = ? and attempt = ? and state = 'failed'`,
        run,
        node,
        activityId,
        attempt,
      )
    : db.get<StageRow>(
        `select * from stage_executions where run_id = ? and node = ? and cache_key = ? and state <> 'failed'`,
        run,
        node,
        cacheKey,
      );
}

function insertExecution(db: SqliteDatabase, execution: StageExecution): string {
  const {
    run,
    node,
    stage,
    version,
    cacheKey,
    fingerprint,
    environment,
    controls,
    input,
    outcome,
    activityId = '',
    attempt = 1,
    durationMs,
  } = execution;
  const id = randomUUID();
  const [outputs, error] =
    outcome.state === 'failed' ? [null, toJson(outcome.error)] : [toJson(outcome.outputs), null];
  const from =
    outcome.state === 'reused' ? (outcome.from ?? db.get<StageRow>(newestRan, cacheKey)?.id ?? null) : null;
  db.run(
    `insert into stage_executions (id, run_id, node, stage, version, cache_key, fingerprint, environment, controls, state, input, outputs, error, reused_from, activity_id, attempt, duration_ms, recorded_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${nowMs})`,
    id,
    run,
    node,
    stage,
    version,
    cacheKey,
    toJsonOrNull(fingerprint),
    toJsonOrNull(environment),
    toJsonOrNull(controls),
    outcome.state,
    toJson(input),
    outputs,
    error,
    from,
    activityId,
    attempt,
    durationMs,
  );
  for (const [direction, value] of [
    ['input', input],
    ['output', outputsOf(execution)],
  ] as const) {
    for (const { name, ref } of artifactRefsIn(value))
      db.run(
        'insert into lineage (execution_id, direction, name, digest, kind, bytes) values (?, ?, ?, ?, ?, ?)',
        id,
        direction,
        name,
        ref.digest,
        ref.kind,
        ref.bytes,
      );
  }
  // A reused execution has the metrics of the one that it reuses.
  db.run(
    `insert into metrics (run_id, scope, name, step, value, execution_id) select ?, scope, name, step, value, ? from metrics where execution_id = ?
      on conflict (run_id, scope, name, step) do update set value = excluded.value, execution_id = excluded.execution_id`,
    run,
    id,
    from,
  );
  return id;
}

/** Implements `RunRegistry.findReusable`. */
export function findReusable(db: SqliteDatabase, cacheKey: Digest): ReusableExecution | undefined {
  const row = db.get<StageRow>(newestRan, cacheKey);
  return (
    row && {
      id: row.id,
      run: row.run_id,
      node: row.node,
      outputs: fromJson(row.outputs),
      recordedAt: new Date(row.recorded_at),
    }
  );
}

/** Implements `RunRegistry.earlierExecutions`. */
export function earlierExecutions(
  db: SqliteDatabase,
  { stage, node, limit = 20 }: { readonly stage: string; readonly node?: string; readonly limit?: number },
): EarlierExecution[] {
  const rows = db.all<StageRow>(
    `select * from stage_executions where stage = ? and node = coalesce(?, node) and state <> 'failed' order by sequence desc limit ?`,
    stage,
    node ?? null,
    limit,
  );
  return rows.map((row) => ({
    run: row.run_id,
    version: row.version,
    input: fromJson(row.input),
    environment: (fromJson(row.environment) ?? undefined) as EarlierExecution['environment'],
    fingerprint: fromJson(row.fingerprint),
    controls: fromJson(row.controls),
    recordedAt: new Date(row.recorded_at),
  }));
}

/** The stage executions of a run in the order of recording, each with its lineage. */
export function listStages(db: SqliteDatabase, run: RunId): RecordedStage[] {
  const edges = db.all<{
    execution_id: string;
    direction: 'input' | 'output';
    name: string;
    digest: Digest;
    kind: string;
    bytes: number;
  }>(
    'select lineage.* from lineage join stage_executions on stage_executions.id = execution_id where run_id = ? order by direction, name',
    run,
  );
  const byExecution = Map.groupBy(edges, (edge) => edge.execution_id);
  return db
    .all<StageRow>('select * from stage_executions where run_id = ? order by sequence', run)
    .map((row) => ({
      id: row.id,
      node: row.node,
      stage: row.stage,
      version: row.version,
      cacheKey: row.cache_key,
      fingerprint: fromJson(row.fingerprint),
      environment: fromJson(row.environment),
      controls: fromJson(row.controls),
      state: row.state,
      input: fromJson(row.input),
      outputs: fromJson(row.outputs),
      error: fromJson(row.error),
      reusedFrom: row.reused_from,
      attempt: row.attempt,
      durationMs: row.duration_ms,
      recordedAt: new Date(row.recorded_at),
      artifacts: (byExecution.get(row.id) ?? []).map(({ direction, name, digest, kind, bytes }) => ({
        direction,
        name,
        ref: { kind, digest, bytes },
      })),
    }));
}
