/** Identifies a registry's file: "OVRT" in ASCII. */
export const applicationId = 0x4f565254;

/** The version of the tables. A change increases it and adds a step to `migrateSqlite`. */
export const schemaVersion = 1;

/**
 * The tables of runs and stages, as in schema.ts. JSON documents and ids are text, times are milliseconds
 * since 1970, and `sequence` is the order of recording.
 */
export const createTables = `
create table runs (
  sequence integer primary key, id text not null unique, workflow text not null, workflow_id text not null, temporal_run_id text not null,
  state text not null default 'running' check (state in ('running', 'completed', 'failed', 'cancelled', 'terminated', 'timedOut', 'deleted')),
  input text not null, result text, error text, ended_by text, namespace_id text, execution_id text, started_at integer not null, finished_at integer,
  check ((state = 'running') = (finished_at is null))
) strict;
create index runs_by_workflow_id on runs (workflow_id, sequence);
create index runs_by_temporal_run_id on runs (temporal_run_id);

create table run_executions (
  sequence integer primary key, run_id text not null references runs (id), execution_id text not null,
  cause text not null check (cause in ('started', 'continued', 'reset')), ended text, noticed_at integer not null,
  unique (run_id, execution_id)
) strict;

create table stage_executions (
  sequence integer primary key, id text not null unique, run_id text not null references runs (id), node text not null, stage text not null, version integer not null,
  cache_key text, fingerprint text, environment text, controls text, state text not null check (state in ('ran', 'reused', 'failed')),
  input text not null, outputs text, error text, reused_from text references stage_executions (id),
  activity_id text not null, attempt integer not null, duration_ms real not null, recorded_at integer not null,
  check (case when state = 'failed' then error is not null else outputs is not null and cache_key is not null end)
) strict;
create unique index stage_executions_success on stage_executions (run_id, node, cache_key) where state <> 'failed';
create unique index stage_executions_failure on stage_executions (run_id, node, activity_id, attempt) where state = 'failed';
create index stage_executions_reusable on stage_executions (cache_key, sequence) where state = 'ran';
create index stage_executions_of_run on stage_executions (run_id, sequence);
create index stage_executions_of_stage on stage_executions (stage, node, sequence) where state <> 'failed';

create table stage_leases (
  cache_key text primary key, token text not null, run_id text not null, node text not null, activity_id text not null, attempt integer not null, expires_at integer not null
) strict;

create table stage_controls (
  sequence integer primary key, id text not null unique, run_id text not null references runs (id), node text not null, action text not null, by text,
  asked_at integer not null, applied_to text, step integer, changes_result integer, applied_at integer
) strict;
create index stage_controls_of_node on stage_controls (run_id, node, sequence);

create table lineage (
  execution_id text not null references stage_executions (id), direction text not null, name text not null, digest text not null, kind text not null, bytes integer not null,
  primary key (execution_id, direction, name)
) strict;

-- SQLite stores NaN as null.
create table metrics (
  run_id text not null references runs (id), scope text not null, name text not null, step integer not null, value real, execution_id text references stage_executions (id),
  primary key (run_id, scope, name, step)
) strict;
create index metrics_of_execution on metrics (execution_id);
`;
