// All tables of the registry. After a change: npm run migrations -w @overture/registry -- --name what-changed
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  json,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

const now = (name: string) => timestamp(name, { withTimezone: true }).notNull().defaultNow();
const bytes = (name: string) => bigint(name, { mode: 'number' });
// Documents are `json`, not `jsonb`: they are returned exactly as written, and messages about binary files
// may contain U+0000.

/**
 * `terminated`, `timedOut` and `deleted` mean that Temporal ended the workflow, so that it could not report
 * its end.
 */
const runStates = [
  'running',
  'completed',
  'failed',
  'cancelled',
  'terminated',
  'timedOut',
  'deleted',
] as const;

/**
 * The registry's tables in a Postgres schema. The schema is separate, so that several applications can share
 * a database.
 */
export function tablesOf(schemaName: string) {
  const schema = pgSchema(schemaName);

  /** Runs of workflows. */
  const runs = schema.table(
    'runs',
    {
      id: text('id').primaryKey(),
      workflow: text('workflow').notNull(),
      workflowId: text('workflow_id').notNull(),
      temporalRunId: text('temporal_run_id').notNull(),
      state: text('state', { enum: runStates }).notNull().default('running'),
      input: json('input').notNull(),
      result: json('result'),
      error: json('error'),
      /**
       * The source of the end state: the workflow itself, or Temporal when queried. Null while the run is
       * running, and for runs that ended before this column existed.
       */
      endedBy: text('ended_by', { enum: ['workflow', 'temporal'] }),
      /**
       * Temporal's id of the namespace. When a server does not know the run, this shows whether it is the
       * server that ran it.
       */
      namespaceId: text('namespace_id'),
      /** Temporal's run id of the current execution, if it is not the first. */
      executionId: text('execution_id'),
      startedAt: now('started_at'),
      finishedAt: timestamp('finished_at', { withTimezone: true }),
    },
    (t) => [
      index('runs_newest').on(t.startedAt, t.id),
      index('runs_by_workflow_id').on(t.workflowId, t.startedAt),
      index('runs_by_temporal_run_id').on(t.temporalRunId),
      check(
        'runs_state',
        sql`state in ('running', 'completed', 'failed', 'cancelled', 'terminated', 'timedOut', 'deleted')`,
      ),
      check('runs_finished', sql`(state = 'running') = (finished_at is null)`),
    ],
  );

  /**
   * The executions of runs whose workflow continued as new or was reset. The first execution is added
   * together with the second.
   */
  const runExecutions = schema.table(
    'run_executions',
    {
      /** The order of recording. */
      sequence: bigint('sequence', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
      run: text('run_id')
        .notNull()
        .references(() => runs.id, { onDelete: 'cascade' }),
      /** Temporal's run id. */
      execution: text('execution_id').notNull(),
      cause: text('cause', { enum: ['started', 'continued', 'reset'] }).notNull(),
      /** How it ended, once another execution replaced it. */
      ended: text('ended', {
        enum: ['continued', 'completed', 'failed', 'cancelled', 'terminated', 'timedOut', 'deleted'],
      }),
      noticedAt: now('noticed_at'),
    },
    (t) => [
      primaryKey({ columns: [t.run, t.execution] }),
      check('run_executions_cause', sql`cause in ('started', 'continued', 'reset')`),
    ],
  );

  /** Stage executions: successes, reuses and failures. */
  const stageExecutions = schema.table(
    'stage_executions',
    {
      id: uuid('id').primaryKey(),
      /** The order of recording. */
      sequence: bigint('sequence', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
      run: text('run_id')
        .notNull()
        .references(() => runs.id, { onDelete: 'cascade' }),
      /** The node of the plan; `stage` is the name of its contract. */
      node: text('node').notNull(),
      stage: text('stage').notNull(),
      version: integer('version').notNull(),
      /** Null if the execution failed before the key was computed. */
      cacheKey: text('cache_key'),
      /** Parts of the cache key other than the stage, its version and the input. */
      fingerprint: json('fingerprint'),
      /** The facts about the environment that the contract depends on; part of the cache key. */
      environment: json('environment'),
      /** The control requests that changed its output; part of the cache key if there are any. */
      controls: json('controls'),
      state: text('state', { enum: ['ran', 'reused', 'failed'] }).notNull(),
      input: json('input').notNull(),
      outputs: json('outputs'),
      error: json('error'),
      reusedFrom: uuid('reused_from'),
      activityId: text('activity_id').notNull(),
      attempt: integer('attempt').notNull(),
      durationMs: doublePrecision('duration_ms').notNull(),
      recordedAt: now('recorded_at'),
    },
    (t) => [
      // For each run, node and key there is one success, even if Temporal repeats the activity, and one
      // failure per attempt.
      uniqueIndex('stage_executions_success')
        .on(t.run, t.node, t.cacheKey)
        .where(sql`state <> 'failed'`),
      uniqueIndex('stage_executions_failure')
        .on(t.run, t.node, t.activityId, t.attempt)
        .where(sql`state = 'failed'`),
      index('stage_executions_reusable')
        .on(t.cacheKey, t.sequence)
        .where(sql`state = 'ran'`),
      index('stage_executions_of_run').on(t.run, t.sequence),
      index('stage_executions_of_stage')
        .on(t.stage, t.node, t.sequence)
        .where(sql`state <> 'failed'`),
      foreignKey({
        name: 'stage_executions_reused_from',
        columns: [t.reusedFrom],
        foreignColumns: [t.id],
      }).onDelete('set null'),
      check('stage_executions_state', sql`state in ('ran', 'reused', 'failed')`),
      check(
        'stage_executions_outcome',
        sql`case when state = 'failed' then error is not null else outputs is not null and cache_key is not null end`,
      ),
    ],
  );

  /** The current lease on each cache key. If its holder dies, the lease expires at the end of its term. */
  const stageLeases = schema.table('stage_leases', {
    cacheKey: text('cache_key').primaryKey(),
    /** Random for each claim. Only its holder can renew and release the lease. */
    token: uuid('token').notNull(),
    run: text('run_id').notNull(),
    node: text('node').notNull(),
    activityId: text('activity_id').notNull(),
    attempt: integer('attempt').notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  });

  /** Control requests for running stages, and where they were applied. */
  const stageControls = schema.table(
    'stage_controls',
    {
      /** Generated by the sender, so that a repeated request counts once. */
      id: uuid('id').primaryKey(),
      /** The order of arrival. */
      sequence: bigint('sequence', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
      run: text('run_id')
        .notNull()
        .references(() => runs.id, { onDelete: 'cascade' }),
      node: text('node').notNull(),
      action: json('action').notNull(),
      by: text('by'),
      askedAt: now('asked_at'),
      /**
       * The cache key, without controls, of the execution in which it was applied. This column and the three
       * below are null until then.
       */
      appliedTo: text('applied_to'),
      /** The step after which it was applied. */
      step: integer('step'),
      changesResult: boolean('changes_result'),
      appliedAt: timestamp('applied_at', { withTimezone: true }),
    },
    (t) => [
      index('stage_controls_of_node').on(t.run, t.node, t.sequence),
      check('stage_controls_applied', sql`num_nulls(applied_to, step, changes_result, applied_at) in (0, 4)`),
    ],
  );

  /** Artifacts that executions and models refer to. */
  const artifacts = schema.table(
    'artifacts',
    {
      digest: text('digest').notNull(),
      kind: text('kind').notNull(),
      bytes: bytes('bytes').notNull(),
      firstSeen: now('first_seen'),
    },
    (t) => [primaryKey({ columns: [t.digest, t.kind] })],
  );

  /** The artifacts in the input and outputs of each execution. */
  const lineage = schema.table(
    'lineage',
    {
      execution: uuid('execution_id')
        .notNull()
        .references(() => stageExecutions.id, { onDelete: 'cascade' }),
      direction: text('direction', { enum: ['input', 'output'] }).notNull(),
      /** The path in the stage's input or output: `corpus`, `reports[3]`. */
      name: text('name').notNull(),
      digest: text('digest').notNull(),
      kind: text('kind').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.execution, t.direction, t.name] }),
      foreignKey({
        name: 'lineage_artifact',
        columns: [t.digest, t.kind],
        foreignColumns: [artifacts.digest, artifacts.kind],
      }),
      index('lineage_of_artifact').on(t.digest, t.direction),
      check('lineage_direction', sql`direction in ('input', 'output')`),
    ],
  );

  /** Metrics of runs. */
  const metrics = schema.table(
    'metrics',
    {
      run: text('run_id')
        .notNull()
        .references(() => runs.id, { onDelete: 'cascade' }),
      /** The subject of the measurement: `valid`, `floor:always-no`, `training`. */
      scope: text('scope').notNull(),
      name: text('name').notNull(),
      /** Position in a series, such as the training step; 0 for a single value. */
      step: integer('step').notNull(),
      value: doublePrecision('value').notNull(),
      /** The execution that measured it, if any. Executions that reuse its outputs share its metrics. */
      execution: uuid('execution_id').references(() => stageExecutions.id, { onDelete: 'set null' }),
    },
    (t) => [
      primaryKey({ columns: [t.run, t.scope, t.name, t.step] }),
      index('metrics_by_name').on(t.name, t.scope),
      index('metrics_of_execution').on(t.execution),
    ],
  );

  /** Models by name. */
  const models = schema.table('models', {
    name: text('name').primaryKey(),
    createdAt: now('created_at'),
  });

  /** Versions of models. */
  const modelVersions = schema.table(
    'model_versions',
    {
      model: text('model')
        .notNull()
        .references(() => models.name),
      version: integer('version').notNull(),
      bundleDigest: text('bundle_digest').notNull(),
      bundleKind: text('bundle_kind').notNull(),
      bundleBytes: bytes('bundle_bytes').notNull(),
      reportDigest: text('report_digest'),
      reportKind: text('report_kind'),
      reportBytes: bytes('report_bytes'),
      run: text('run_id').references(() => runs.id, { onDelete: 'set null' }),
      createdAt: now('created_at'),
    },
    (t) => [
      primaryKey({ columns: [t.model, t.version] }),
      unique('model_versions_bundle').on(t.model, t.bundleDigest),
      index('model_versions_of_run').on(t.run),
      check('model_versions_positive', sql`version >= 1`),
    ],
  );

  /** Aliases of model versions, such as `champion`. */
  const aliases = schema.table(
    'aliases',
    {
      model: text('model').notNull(),
      alias: text('alias').notNull(),
      version: integer('version').notNull(),
      setAt: now('set_at'),
    },
    (t) => [
      primaryKey({ columns: [t.model, t.alias] }),
      foreignKey({
        name: 'aliases_version',
        columns: [t.model, t.version],
        foreignColumns: [modelVersions.model, modelVersions.version],
      }),
    ],
  );

  /** Decisions about aliases: who approved or rejected a version, and why. */
  const promotions = schema.table(
    'promotions',
    {
      run: text('run_id')
        .notNull()
        .references(() => runs.id, { onDelete: 'cascade' }),
      model: text('model').notNull(),
      alias: text('alias').notNull(),
      version: integer('version').notNull(),
      /** The alias's previous version. */
      previous: integer('previous'),
      approved: boolean('approved').notNull(),
      decidedBy: text('decided_by', { enum: ['rule', 'person'] }).notNull(),
      by: text('by'),
      reason: text('reason'),
      /** The metrics behind the decision. */
      evidence: json('evidence').notNull(),
      decidedAt: now('decided_at'),
    },
    (t) => [
      // One decision per run, even if its stage is repeated.
      primaryKey({ columns: [t.run, t.model, t.alias] }),
      foreignKey({
        name: 'promotions_version',
        columns: [t.model, t.version],
        foreignColumns: [modelVersions.model, modelVersions.version],
      }),
      index('promotions_of_model').on(t.model, t.decidedAt),
      check('promotions_decided_by', sql`decided_by in ('rule', 'person')`),
    ],
  );

  return {
    schema,
    runs,
    runExecutions,
    stageExecutions,
    stageLeases,
    stageControls,
    artifacts,
    lineage,
    metrics,
    models,
    modelVersions,
    aliases,
    promotions,
  };
}

/** The registry's tables in one schema. */
export type Tables = ReturnType<typeof tablesOf>;
