-- The frequent statements as functions. A function keeps its plan in the server's session and its settings to itself, so that neither prepared
-- statements nor settings of the connection are needed: both fail, or leak to other clients, behind a pooler that shares sessions by transaction.
-- Plans use indexes even when they were made while the tables were empty.
CREATE FUNCTION "overture"."claim_stages"(text[], uuid[], text[], text[], text[], text[], int[], bool[], float8[])
  RETURNS TABLE (
    "position" int, found_id uuid, found_run text, found_node text, outputs json, recorded_at timestamptz,
    leased bool, held_run text, held_node text,
    before_run text, version int, input json, environment json, fingerprint json, controls json, before_at timestamptz
  )
  LANGUAGE plpgsql
  SET enable_seqscan = off
  SET plan_cache_mode = force_generic_plan
AS $claim$
#variable_conflict use_column
BEGIN
  -- A claim does not wait for the disk. A crash that forgets it only ends the lease.
  PERFORM set_config('synchronous_commit', 'off', true);
  -- Keys are inserted in order, so that concurrent batches cannot deadlock. A row is taken over when its term has ended, or when it belongs to an
  -- earlier attempt of the same activity: Temporal starts an attempt only after the one before it has ended.
  RETURN QUERY
  WITH wanted AS (
    SELECT w.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
      WITH ORDINALITY AS w(cache_key, token, run_id, node, stage, activity_id, attempt, reuse, lease_ms, position)
  ), found AS (
    SELECT w.position, e.id, e.run_id, e.node, e.outputs, e.recorded_at FROM wanted w CROSS JOIN LATERAL (
      SELECT * FROM overture.stage_executions WHERE cache_key = w.cache_key AND state = 'ran' ORDER BY sequence DESC LIMIT 1
    ) e WHERE w.reuse
  ), leased AS (
    INSERT INTO overture.stage_leases AS l (cache_key, token, run_id, node, activity_id, attempt, expires_at)
    SELECT DISTINCT ON (cache_key) cache_key, token, run_id, node, activity_id, attempt, clock_timestamp() + lease_ms * interval '1 millisecond'
    FROM wanted WHERE position NOT IN (SELECT position FROM found) ORDER BY cache_key, position
    ON CONFLICT (cache_key) DO UPDATE SET token = excluded.token, run_id = excluded.run_id, node = excluded.node,
      activity_id = excluded.activity_id, attempt = excluded.attempt, expires_at = excluded.expires_at
      WHERE l.expires_at < clock_timestamp()
        OR (l.run_id = excluded.run_id AND l.node = excluded.node AND l.activity_id = excluded.activity_id AND l.attempt < excluded.attempt)
    RETURNING cache_key, token
  )
  SELECT w.position::int, found.id, found.run_id, found.node, found.outputs, found.recorded_at,
    leased.token IS NOT NULL, held.run_id, held.node,
    before.run_id, before.version, before.input, before.environment, before.fingerprint, before.controls, before.recorded_at
  FROM wanted w
    LEFT JOIN found USING (position)
    LEFT JOIN leased ON leased.token = w.token
    LEFT JOIN LATERAL (SELECT run_id, node FROM overture.stage_leases WHERE cache_key = w.cache_key LIMIT 1) held ON true
    LEFT JOIN LATERAL (
      SELECT * FROM overture.stage_executions WHERE stage = w.stage AND node = w.node AND state <> 'failed' ORDER BY sequence DESC LIMIT 1
    ) before ON found.id IS NULL;
END
$claim$;
--> statement-breakpoint
CREATE FUNCTION "overture"."renew_leases"(text[], uuid[], float8[])
  RETURNS SETOF uuid
  LANGUAGE plpgsql
  SET enable_seqscan = off
  SET plan_cache_mode = force_generic_plan
AS $renew$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH held AS (
    SELECT l.cache_key FROM overture.stage_leases l JOIN unnest($1, $2) AS w(cache_key, token) USING (cache_key, token) ORDER BY l.cache_key FOR UPDATE
  )
  UPDATE overture.stage_leases l SET expires_at = clock_timestamp() + w.lease_ms * interval '1 millisecond'
  FROM unnest($1, $2, $3) AS w(cache_key, token, lease_ms), held
  WHERE l.cache_key = w.cache_key AND l.token = w.token AND held.cache_key = l.cache_key RETURNING l.token;
END
$renew$;
--> statement-breakpoint
CREATE FUNCTION "overture"."find_reusable"(text[])
  RETURNS TABLE (cache_key text, id uuid, run_id text, node text, outputs json, recorded_at timestamptz)
  LANGUAGE plpgsql
  SET enable_seqscan = off
  SET plan_cache_mode = force_generic_plan
AS $find$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT w.cache_key, e.id, e.run_id, e.node, e.outputs, e.recorded_at FROM unnest($1) AS w(cache_key)
    CROSS JOIN LATERAL (
      SELECT * FROM overture.stage_executions WHERE cache_key = w.cache_key AND state = 'ran' ORDER BY sequence DESC LIMIT 1
    ) e;
END
$find$;
--> statement-breakpoint
-- Records executions, and ends their leases. Returns the ids of those that were not there yet.
CREATE FUNCTION "overture"."record_executions"(
    uuid[], text[], text[], text[], int[], text[], text[], text[], text[], text[], text[], uuid[], text[], int[], float8[], text[], text[],
    text[], uuid[]
  )
  RETURNS TABLE (id uuid, run_id text, reused_from uuid)
  LANGUAGE plpgsql
  SET enable_seqscan = off
  SET plan_cache_mode = force_generic_plan
AS $record$
#variable_conflict use_column
BEGIN
  -- Rows are inserted in order, so that concurrent batches cannot deadlock.
  RETURN QUERY
  WITH given AS (
    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
      AS g(id, run_id, node, stage, version, cache_key, fingerprint, state, input, outputs, error, reused_from, activity_id, attempt, duration_ms, environment, controls)
  ), inserted AS (
    INSERT INTO overture.stage_executions
      (id, run_id, node, stage, version, cache_key, fingerprint, state, input, outputs, error, reused_from, activity_id, attempt, duration_ms, environment, controls)
    SELECT id, run_id, node, stage, version, cache_key, fingerprint::json, state, input::json, outputs::json, error::json,
      coalesce(reused_from, CASE WHEN state = 'reused' THEN (
        SELECT e.id FROM overture.stage_executions e WHERE e.cache_key = given.cache_key AND e.state = 'ran' ORDER BY sequence DESC LIMIT 1
      ) END),
      activity_id, attempt, duration_ms, environment::json, controls::json
    FROM given ORDER BY run_id, node, cache_key, activity_id, attempt
    ON CONFLICT DO NOTHING
    RETURNING id, run_id, reused_from
  ), ended AS (
    SELECT l.cache_key FROM (SELECT * FROM unnest($18, $19) AS r(cache_key, token) ORDER BY cache_key) r
      CROSS JOIN LATERAL (SELECT cache_key FROM overture.stage_leases WHERE cache_key = r.cache_key AND token = r.token LIMIT 1 FOR UPDATE) l
  ), released AS (
    DELETE FROM overture.stage_leases WHERE cache_key = ANY (ARRAY(SELECT cache_key FROM ended))
  )
  SELECT id, run_id, reused_from FROM inserted;
END
$record$;
--> statement-breakpoint
-- The same, with the artifacts and the metrics of the executions. A reused execution has the metrics of the one that it reuses.
CREATE FUNCTION "overture"."record_executions"(
    uuid[], text[], text[], text[], int[], text[], text[], text[], text[], text[], text[], uuid[], text[], int[], float8[], text[], text[],
    text[], uuid[],
    uuid[], text[], text[], text[], text[], bigint[],
    uuid[], text[], text[], text[], int[], float8[]
  )
  RETURNS TABLE (id uuid, run_id text, reused_from uuid)
  LANGUAGE plpgsql
  SET enable_seqscan = off
  SET plan_cache_mode = force_generic_plan
AS $record$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH inserted AS (
    SELECT * FROM overture.record_executions($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
  ), edges AS (
    SELECT e.* FROM unnest($20, $21, $22, $23, $24, $25) AS e(execution_id, direction, name, digest, kind, bytes)
    JOIN inserted ON inserted.id = e.execution_id
  ), known AS (
    INSERT INTO overture.artifacts (digest, kind, bytes)
    SELECT DISTINCT ON (digest, kind) digest, kind, bytes FROM edges ORDER BY digest, kind
    ON CONFLICT DO NOTHING
  ), linked AS (
    INSERT INTO overture.lineage (execution_id, direction, name, digest, kind)
    SELECT execution_id, direction, name, digest, kind FROM edges
  ), measured AS (
    INSERT INTO overture.metrics (run_id, scope, name, step, value, execution_id)
    SELECT DISTINCT ON (run_id, scope, name, step) run_id, scope, name, step, value, execution_id FROM (
      SELECT m.run_id, scope, name, step, value, execution_id, true AS own
        FROM unnest($26, $27, $28, $29, $30, $31) AS m(execution_id, run_id, scope, name, step, value)
        JOIN inserted ON inserted.id = m.execution_id
      UNION ALL
      SELECT inserted.run_id, scope, name, step, value, inserted.id, false
        FROM inserted JOIN overture.metrics m ON m.execution_id = inserted.reused_from
    ) AS of_execution ORDER BY run_id, scope, name, step, own DESC
    ON CONFLICT (run_id, scope, name, step) DO UPDATE SET value = excluded.value, execution_id = excluded.execution_id
  )
  SELECT id, run_id, reused_from FROM inserted;
END
$record$;
