import type { RunId } from '@overture/core';
import type { Database } from './database.ts';
import type { PartCost } from './registry.ts';
import { runUnknown } from './run-unknown.ts';

// A reused output has the cost of the execution that computed it. A child workflow that was started again
// counts once.
const select = `with part as (
      select distinct on (child.workflow_id) child.id, child.workflow_id
      from overture.runs as parent join overture.runs as child on starts_with(child.workflow_id, parent.workflow_id || '/') and child.started_at >= parent.started_at
      where parent.id = $1
      order by child.workflow_id, child.started_at desc
    )
    select part.workflow_id as "workflowId", execution.stage, computed.duration_ms / 1000 as seconds,
      coalesce((select json_object_agg(name, value) from overture.metrics where execution_id = computed.id and run_id = computed.run_id and starts_with(scope, 'cost')), '{}') as measured
    from part
    join overture.stage_executions as execution on execution.run_id = part.id and execution.state <> 'failed'
    join overture.stage_executions as computed on computed.id = coalesce(execution.reused_from, execution.id)
    order by part.workflow_id, execution.sequence`;

/** Implements `Registry.costsOfParts`. */
export async function costsOfParts({ query }: Database, run: RunId): Promise<PartCost[]> {
  const costs = await query<PartCost>(select, [run]);
  if (costs.length > 0) return costs;
  const known = await query('select from overture.runs where id = $1', [run]);
  if (known.length === 0) throw runUnknown(run);
  return [];
}
