// The closed table of what the registry keeps. After a change: npm run migrations -w @overture/registry -- --name what-changed
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, doublePrecision, foreignKey, index, integer, json, pgSchema, primaryKey, text, timestamp, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core';

/** A schema of its own, so that the registry is a good guest in somebody's database. */
export const overture = pgSchema('overture');

const now = (name: string) => timestamp(name, { withTimezone: true }).notNull().defaultNow();
const bytes = (name: string) => bigint(name, { mode: 'number' });
// Documents are `json`, not `jsonb`: they come back as they were written, and messages about binary files may hold U+0000.

/** `terminated`, `timedOut` and `deleted`: Temporal ended the workflow, which could not say so itself. */
const runStates = ['running', 'completed', 'failed', 'cancelled', 'terminated', 'timedOut', 'deleted'] as const;

export const runs = overture.table(
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
    /** Who said how it ended: the workflow itself, or Temporal, which was asked. Null while it runs, and of ends before this was kept. */
    endedBy: text('ended_by', { enum: ['workflow', 'temporal'] }),
    /** Temporal's id of the namespace, so that only the server that ran it is believed when it does not know the run. */
    namespaceId: text('namespace_id'),
    /** Temporal's run id of the execution that counts now, where it is not the first. */
    executionId: text('execution_id'),
    startedAt: now('started_at'),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
  },
  (t) => [
    index('runs_newest').on(t.startedAt, t.id),
    index('runs_by_workflow_id').on(t.workflowId, t.startedAt),
    index('runs_by_temporal_run_id').on(t.temporalRunId),
    check('runs_state', sql`state in ('running', 'completed', 'failed', 'cancelled', 'terminated', 'timedOut', 'deleted')`),
    check('runs_finished', sql`(state = 'running') = (finished_at is null)`),
  ],
);

/** The executions of a run whose workflow continued as new or was reset: rows from the second one on, and then one of the first. */
export const runExecutions = overture.table(
  'run_executions',
  {
    /** The order in which the registry learned of them. */
    sequence: bigint('sequence', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    run: text('run_id').notNull().references(() => runs.id, { onDelete: 'cascade' }),
    /** Temporal's run id. */
    execution: text('execution_id').notNull(),
    cause: text('cause', { enum: ['started', 'continued', 'reset'] }).notNull(),
    /** How it ended, once another one took its place. */
    ended: text('ended', { enum: ['continued', 'completed', 'failed', 'cancelled', 'terminated', 'timedOut', 'deleted'] }),
    noticedAt: now('noticed_at'),
  },
  (t) => [primaryKey({ columns: [t.run, t.execution] }), check('run_executions_cause', sql`cause in ('started', 'continued', 'reset')`)],
);

export const stageExecutions = overture.table(
  'stage_executions',
  {
    id: uuid('id').primaryKey(),
    /** The order in which they were recorded. */
    sequence: bigint('sequence', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    run: text('run_id').notNull().references(() => runs.id, { onDelete: 'cascade' }),
    /** The node of the plan; the stage is its contract. */
    node: text('node').notNull(),
    stage: text('stage').notNull(),
    version: integer('version').notNull(),
    /** Null when the execution failed before it was known. */
    cacheKey: text('cache_key'),
    /** What else went into the cache key, beside the stage, its version and the input. */
    fingerprint: json('fingerprint'),
    /** What the contract declares to matter of the environment; part of the cache key as well. */
    environment: json('environment'),
    /** What people asked of it while it was at work and changed what it gave; part of the cache key where there was any. */
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
    // A stage succeeds once in a run for one key, whatever Temporal repeats; a failed attempt is told once.
    uniqueIndex('stage_executions_success').on(t.run, t.node, t.cacheKey).where(sql`state <> 'failed'`),
    uniqueIndex('stage_executions_failure').on(t.run, t.node, t.activityId, t.attempt).where(sql`state = 'failed'`),
    index('stage_executions_reusable').on(t.cacheKey, t.sequence).where(sql`state = 'ran'`),
    index('stage_executions_of_run').on(t.run, t.sequence),
    index('stage_executions_of_stage').on(t.stage, t.node, t.sequence).where(sql`state <> 'failed'`),
    foreignKey({ name: 'stage_executions_reused_from', columns: [t.reusedFrom], foreignColumns: [t.id] }).onDelete('set null'),
    check('stage_executions_state', sql`state in ('ran', 'reused', 'failed')`),
    check('stage_executions_outcome', sql`case when state = 'failed' then error is not null else outputs is not null and cache_key is not null end`),
  ],
);

/** Who computes a cache key now. A row outlives its holder by its term at most. */
export const stageLeases = overture.table('stage_leases', {
  cacheKey: text('cache_key').primaryKey(),
  /** Drawn at each claim: who holds it may renew and release. */
  token: uuid('token').notNull(),
  run: text('run_id').notNull(),
  node: text('node').notNull(),
  activityId: text('activity_id').notNull(),
  attempt: integer('attempt').notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
});

/** What people asked of stages while these were at work, and where it took effect. */
export const stageControls = overture.table(
  'stage_controls',
  {
    /** Drawn by who asks, so that a repeated request is one. */
    id: uuid('id').primaryKey(),
    /** The order in which they were asked. */
    sequence: bigint('sequence', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    run: text('run_id').notNull().references(() => runs.id, { onDelete: 'cascade' }),
    node: text('node').notNull(),
    action: json('action').notNull(),
    by: text('by'),
    askedAt: now('asked_at'),
    /** The cache key, as without controls, of the work in which it took effect; null like the three below until it has. */
    appliedTo: text('applied_to'),
    /** After which step of that work. */
    step: integer('step'),
    changesResult: boolean('changes_result'),
    appliedAt: timestamp('applied_at', { withTimezone: true }),
  },
  (t) => [
    index('stage_controls_of_node').on(t.run, t.node, t.sequence),
    check('stage_controls_applied', sql`num_nulls(applied_to, step, changes_result, applied_at) in (0, 4)`),
  ],
);

export const artifacts = overture.table(
  'artifacts',
  {
    digest: text('digest').notNull(),
    kind: text('kind').notNull(),
    bytes: bytes('bytes').notNull(),
    firstSeen: now('first_seen'),
  },
  (t) => [primaryKey({ columns: [t.digest, t.kind] })],
);

export const lineage = overture.table(
  'lineage',
  {
    execution: uuid('execution_id').notNull().references(() => stageExecutions.id, { onDelete: 'cascade' }),
    direction: text('direction', { enum: ['input', 'output'] }).notNull(),
    /** Where in the stage's input or output: `corpus`, `reports[3]`. */
    name: text('name').notNull(),
    digest: text('digest').notNull(),
    kind: text('kind').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.execution, t.direction, t.name] }),
    foreignKey({ name: 'lineage_artifact', columns: [t.digest, t.kind], foreignColumns: [artifacts.digest, artifacts.kind] }),
    index('lineage_of_artifact').on(t.digest, t.direction),
    check('lineage_direction', sql`direction in ('input', 'output')`),
  ],
);

export const metrics = overture.table(
  'metrics',
  {
    run: text('run_id').notNull().references(() => runs.id, { onDelete: 'cascade' }),
    /** What it was measured on: `valid`, `floor:always-no`, `training`. */
    scope: text('scope').notNull(),
    name: text('name').notNull(),
    /** Position in a series, such as the training step; 0 for a single value. */
    step: integer('step').notNull(),
    value: doublePrecision('value').notNull(),
    /** The execution that measured it, if one did: whoever reuses its outputs has its metrics too. */
    execution: uuid('execution_id').references(() => stageExecutions.id, { onDelete: 'set null' }),
  },
  (t) => [
    primaryKey({ columns: [t.run, t.scope, t.name, t.step] }),
    index('metrics_by_name').on(t.name, t.scope),
    index('metrics_of_execution').on(t.execution),
  ],
);

export const models = overture.table('models', {
  name: text('name').primaryKey(),
  createdAt: now('created_at'),
});

export const modelVersions = overture.table(
  'model_versions',
  {
    model: text('model').notNull().references(() => models.name),
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

export const aliases = overture.table(
  'aliases',
  {
    model: text('model').notNull(),
    alias: text('alias').notNull(),
    version: integer('version').notNull(),
    setAt: now('set_at'),
  },
  (t) => [
    primaryKey({ columns: [t.model, t.alias] }),
    foreignKey({ name: 'aliases_version', columns: [t.model, t.version], foreignColumns: [modelVersions.model, modelVersions.version] }),
  ],
);

/** Who let an alias point at which version, or refused to, and why. */
export const promotions = overture.table(
  'promotions',
  {
    run: text('run_id').notNull().references(() => runs.id, { onDelete: 'cascade' }),
    model: text('model').notNull(),
    alias: text('alias').notNull(),
    version: integer('version').notNull(),
    /** What the alias pointed at before. */
    previous: integer('previous'),
    approved: boolean('approved').notNull(),
    decidedBy: text('decided_by', { enum: ['rule', 'person'] }).notNull(),
    by: text('by'),
    reason: text('reason'),
    /** The numbers it was decided on. */
    evidence: json('evidence').notNull(),
    decidedAt: now('decided_at'),
  },
  (t) => [
    // One run decides once, however often its stage is repeated.
    primaryKey({ columns: [t.run, t.model, t.alias] }),
    foreignKey({ name: 'promotions_version', columns: [t.model, t.version], foreignColumns: [modelVersions.model, modelVersions.version] }),
    index('promotions_of_model').on(t.model, t.decidedAt),
    check('promotions_decided_by', sql`decided_by in ('rule', 'person')`),
  ],
);
