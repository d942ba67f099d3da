import type { RunId } from '@overture/core';
import { reconcileRuns } from '@overture/durable-worker';
import type { RunSummary } from '@overture/registry';
import { polled } from './polled.ts';
import type { Subject } from './subject.ts';

/** The end that a run must have. */
export interface ExpectedEnd {
  /** Temporal's status of its latest execution. */
  readonly status: string;
  /** For a completed run, the value of its result. */
  readonly value?: string;
}

/** The registry's state for each of Temporal's, and who reports it. */
const recorded: Readonly<Record<string, readonly [state: string, endedBy: string | null]>> = {
  RUNNING: ['running', null],
  PAUSED: ['running', null],
  COMPLETED: ['completed', 'workflow'],
  FAILED: ['failed', 'workflow'],
  CANCELLED: ['cancelled', 'workflow'],
  TERMINATED: ['terminated', 'temporal'],
  TIMED_OUT: ['timedOut', 'temporal'],
};

const quietMs = 60_000;

interface RunRow {
  readonly id: RunId;
  readonly workflowId: string;
  readonly temporalRunId: string;
  readonly executionId: string | null;
  readonly namespaceId: string | null;
  readonly state: RunSummary['state'];
  readonly endedBy: string | null;
  readonly error: unknown;
  readonly result: { readonly value?: string } | null;
}

/**
 * What differs from the expected end: of a run and its children, in Temporal, in the registry, and on this
 * machine.
 */
export async function problemsOf(subject: Subject, { status, value }: ExpectedEnd): Promise<string[]> {
  const left = await whatIsLeft(subject);
  const problems = left.map((each) => `left: ${each}`);
  const found = await subject.status();
  if (found !== status) problems.push(`Temporal says ${found}, not ${status}`);
  problems.push(...(await disagreements(subject)));
  problems.push(...(await doubled(subject)));
  if (value !== undefined) problems.push(...(await wrongResults(subject, value)));
  return problems;
}

/** Compares the registry with Temporal after one sweep. */
export async function disagreements(subject: Subject): Promise<string[]> {
  const { client, registry } = subject.world;
  await reconcileRuns(client, registry, await runsOf(subject));
  const rows = await runsOf(subject);
  if (rows.length === 0) return ['the registry has no run'];
  const problems: string[] = [];
  const newest = new Map<string, RunRow>(rows.map((row) => [row.workflowId, row]));
  for (const row of rows) {
    const execution = row.executionId ?? row.temporalRunId;
    if (newest.get(row.workflowId) === row) {
      const { runId } = await client.workflow.getHandle(row.workflowId).describe();
      if (runId !== execution)
        problems.push(`the registry does not know the latest execution of ${nameOf(row, subject)}`);
    }
    const status = (await client.workflow.getHandle(row.workflowId, execution).describe()).status.name;
    const [state, by] = recorded[status] ?? ['?', null];
    if (row.state !== state || row.endedBy !== by)
      problems.push(
        `the registry says that ${nameOf(row, subject)} is ${row.state} according to ${row.endedBy ?? 'nobody'}; Temporal says ${status}`,
      );
  }
  return problems;
}

async function doubled(subject: Subject): Promise<string[]> {
  const rows = await subject.world.sql<{ node: string; count: string }>(
    `select node, count(*) from overture.stage_executions where state <> 'failed' and run_id = any($1) group by run_id, node, cache_key having count(*) > 1`,
    [(await runsOf(subject)).map(({ id }) => id)],
  );
  return rows.map(({ node, count }) => `${node} is recorded ${count} times with one key`);
}

async function wrongResults(subject: Subject, value: string): Promise<string[]> {
  const own = (await runsOf(subject)).findLast(({ workflowId }) => workflowId === subject.id);
  const rows = await subject.world.sql<{ node: string }>(
    `select distinct node from overture.stage_executions where state <> 'failed' and run_id = $1`,
    [own?.id],
  );
  const nodes = rows
    .map(({ node }) => node)
    .sort()
    .join();
  const problems =
    nodes === 'each[0],each[1],finish,prepare,side,work' ? [] : [`the registry has outputs of ${nodes}`];
  const result = (await subject.handle.result()) as { readonly value?: string; readonly finished?: string };
  if (result.value !== value || result.finished !== `${value}+finish`)
    problems.push(`the result is ${JSON.stringify(result)}, not ${value}`);
  if (own?.result?.value !== value)
    problems.push(`the registry's result is ${JSON.stringify(own?.result)}, not ${value}`);
  return problems;
}

/**
 * What a run that has ended has left behind. Waits, because attempts notice the end with their next
 * heartbeat.
 */
async function whatIsLeft(subject: Subject): Promise<string[]> {
  const { client, gates } = subject.world;
  const look = async (): Promise<string[]> => {
    const left = gates.left(subject.id);
    if (gates.active(subject.id) > 0) left.push(`${gates.active(subject.id)} running stages`);
    const runs = await runsOf(subject);
    const leases = await subject.world.sql<{ node: string }>(
      'select node from overture.stage_leases where run_id = any($1)',
      [runs.map(({ id }) => id)],
    );
    left.push(...leases.map(({ node }) => `the lease of ${node}`));
    for (const workflowId of new Set([subject.id, subject.part, ...runs.map((run) => run.workflowId)])) {
      const described = await client.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined);
      if (described !== undefined && ['RUNNING', 'PAUSED'].includes(described.status.name))
        left.push(`the open workflow ${workflowId}`);
    }
    return left;
  };
  return polled('nothing left', async () => ((await look()).length === 0 ? [] : undefined), quietMs).catch(
    look,
  );
}

async function runsOf({ id, part, world }: Subject): Promise<RunRow[]> {
  return world.sql<RunRow>(
    `select id, workflow_id as "workflowId", temporal_run_id as "temporalRunId", execution_id as "executionId", namespace_id as "namespaceId", state, ended_by as "endedBy", error, result
     from overture.runs where workflow_id = $1 or starts_with(workflow_id, $2) order by started_at, id`,
    [id, part],
  );
}

function nameOf({ workflowId, temporalRunId }: RunRow, { id }: Subject): string {
  return `${workflowId === id ? 'the run' : workflowId.slice(id.length + 1)} (${temporalRunId.slice(-6)})`;
}
