import type { CliContext } from '../context.ts';
import { duration, instant, score } from '../output/format.ts';
import { table } from '../output/table.ts';
import { shortDigest, AppError } from '@overture/core';
import type { RunFilter, RunDetails, StageControl } from '@overture/registry';
import { withRegistry } from '../with-registry.ts';

const states = ['running', 'completed', 'failed', 'cancelled'] as const;

/** `overture runs ls` */
export async function listRuns(context: CliContext, options: { readonly limit: number; readonly state?: string }): Promise<void> {
  const state = states.find((each) => each === options.state);
  if (options.state !== undefined && state === undefined) {
    throw new AppError('USAGE', `--state must be one of ${states.join(', ')}. Got ${JSON.stringify(options.state)} instead.`);
  }
  const filter: RunFilter = { limit: options.limit, state };
  const runs = await withRegistry(context, ({ registry }) => registry.listRuns(filter));
  const { terminal } = context;
  if (terminal.json) return terminal.printJson(runs);
  if (runs.length === 0) return terminal.print('No runs yet. "overture demo" makes the first one.');
  const rows = runs.map(({ workflowId, workflow, state: ended, startedAt, finishedAt }) => [
    workflowId,
    workflow,
    ended,
    instant(startedAt),
    finishedAt ? duration(finishedAt.getTime() - startedAt.getTime()) : '',
  ]);
  terminal.print(table(['run', 'workflow', 'state', 'started', 'took'], rows));
}

/** `overture runs show ID` */
export async function showRun(context: CliContext, id: string): Promise<void> {
  const run = await withRegistry(context, ({ registry }) => registry.getRun(id));
  const { terminal } = context;
  if (terminal.json) terminal.printJson(run);
  else terminal.print(runText(run));
}

function runText(run: RunDetails): string {
  const stages = run.stages.map((stage) => [
    stage.node,
    stage.state,
    duration(stage.durationMs),
    stage.artifacts
      .filter(({ direction }) => direction === 'output')
      .map(({ ref }) => `${ref.kind} ${shortDigest(ref.digest)}`)
      .join(', '),
  ]);
  const metrics = run.metrics
    .filter(({ step }) => step === 0 || step === undefined)
    .map(({ scope, name, value }) => [scope, name, score(value)]);
  return [
    `${run.id}  ${run.state}`,
    `${run.workflow}, started ${instant(run.startedAt)}${run.finishedAt ? `, took ${duration(run.finishedAt.getTime() - run.startedAt.getTime())}` : ''}`,
    ...(run.error ? ['', `error: ${typeof run.error === 'string' ? run.error : JSON.stringify(run.error)}`] : []),
    '',
    `input: ${JSON.stringify(run.input)}`,
    ...(stages.length > 0 ? ['', table(['stage', 'state', 'took', 'gave'], stages)] : []),
    ...(run.controls.length > 0 ? ['', table(['stage', 'asked for', 'by', 'at', 'took effect'], run.controls.map(controlRow))] : []),
    ...(metrics.length > 0 ? ['', table(['measured on', 'metric', 'value'], metrics, 2)] : []),
    ...run.models.map(({ model, version, bundle }) => `\nmodel ${model}@${version}  ${bundle.digest}`),
  ].join('\n');
}

function controlRow({ node, action, by, askedAt, applied }: StageControl): string[] {
  const effect = applied === null ? 'not yet, or too late' : `after step ${applied.step}${applied.changesResult ? '' : ', learns the same'}`;
  return [node, typeof action === 'string' ? action : JSON.stringify(action), by ?? '', instant(askedAt), effect];
}
