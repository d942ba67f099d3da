import type { ArtifactRef } from '@overture/protocol';
import { artifactRefsIn } from './artifact-refs-in.ts';
import type { StageExecution } from './registry.ts';

/** An execution with its new id. */
export interface ExecutionRow {
  readonly id: string;
  readonly execution: StageExecution;
}

/** The columns of `stage_executions`, in the order of the statement's parameters. */
export function executionColumns(rows: readonly ExecutionRow[]): unknown[][] {
  const column = (pick: (execution: StageExecution) => unknown): unknown[] =>
    rows.map(({ execution }) => pick(execution) ?? null);
  return [
    rows.map(({ id }) => id),
    column((e) => e.run),
    column((e) => e.node),
    column((e) => e.stage),
    column((e) => e.version),
    column((e) => e.cacheKey),
    column((e) => (e.fingerprint === undefined ? null : jsonText(e.fingerprint))),
    column((e) => e.outcome.state),
    column((e) => jsonText(e.input)),
    column((e) => (e.outcome.state === 'failed' ? null : jsonText(e.outcome.outputs))),
    column((e) => (e.outcome.state === 'failed' ? jsonText(e.outcome.error) : null)),
    column((e) => (e.outcome.state === 'reused' ? e.outcome.from : null)),
    column((e) => e.activityId ?? ''),
    column((e) => e.attempt ?? 1),
    column((e) => e.durationMs),
    column((e) => (e.environment === undefined ? null : jsonText(e.environment))),
    column((e) => (e.controls === undefined ? null : jsonText(e.controls))),
  ];
}

/** The keys and tokens of the leases that these records release. */
export function leaseColumns(rows: readonly ExecutionRow[]): unknown[][] {
  const leases = rows.flatMap(({ execution: { lease } }) => lease ?? []);
  return [leases.map(({ cacheKey }) => cacheKey), leases.map(({ token }) => token)];
}

/** The columns of `lineage` and `artifacts`: every artifact reference in an execution's input and outputs. */
export function edgeColumns(rows: readonly ExecutionRow[]): unknown[][] {
  const edges = rows.flatMap(({ id, execution }) => [
    ...artifactRefsIn(execution.input).map((found) => ({ id, direction: 'input', ...found })),
    ...artifactRefsIn(outputsOf(execution)).map((found) => ({ id, direction: 'output', ...found })),
  ]);
  const ref = (pick: (ref: ArtifactRef) => unknown): unknown[] => edges.map((edge) => pick(edge.ref));
  return [
    edges.map((edge) => edge.id),
    edges.map((edge) => edge.direction),
    edges.map((edge) => edge.name),
    ref((r) => r.digest),
    ref((r) => r.kind),
    ref((r) => r.bytes),
  ];
}

/**
 * The columns of `metrics`. If a batch has several values for one key, the last one counts, because one
 * statement cannot update a row twice.
 */
export function metricColumns(rows: readonly ExecutionRow[]): unknown[][] {
  const given = rows.flatMap(({ id, execution: { run, metrics = [] } }) =>
    metrics.map((metric) => ({ id, run, step: 0, ...metric })),
  );
  const unique = [
    ...new Map(
      given.map((metric) => [JSON.stringify([metric.run, metric.scope, metric.name, metric.step]), metric]),
    ).values(),
  ];
  const columns = ['id', 'run', 'scope', 'name', 'step', 'value'] as const;
  return columns.map((column) => unique.map((metric) => metric[column]));
}

/** The outputs of an execution; `null` if it failed. */
export function outputsOf({ outcome }: StageExecution): unknown {
  return outcome.state === 'failed' ? null : outcome.outputs;
}

function jsonText(value: unknown): string {
  return JSON.stringify(value ?? null);
}
