import { taskQueues } from '@overture/contracts';
import { AppError, didYouMean, shortDigest } from '@overture/core';
import type { RunDetails, RunSummary, StageControl } from '@overture/registry';
import type { CliContext } from '../context.ts';
import { liveRuns, type LiveRun } from '../live-runs.ts';
import { duration, instant, score } from '../output/format.ts';
import { table } from '../output/table.ts';
import {
  nextSteps,
  partsText,
  runStatuses,
  statusMeanings,
  statusOf,
  type RunStatus,
  type ShownRun,
} from '../run-status.ts';
import { withTemporalClient } from '../temporal-client.ts';
import { unpolledText } from '../unpolled-queues.ts';
import { withRegistry } from '../with-registry.ts';

/** Options of `overture runs ls`. */
export interface ListRunsOptions {
  readonly limit: number;
  readonly state?: string;
  /** Include workflows that other runs started. */
  readonly all?: boolean;
}

/**
 * `overture runs ls`. With `--json`, prints a list: the registry record of each run, with status, waitsFor
 * and parts.
 */
export async function listRuns(
  context: CliContext,
  { limit, state, all = false }: ListRunsOptions,
): Promise<void> {
  const wanted = runStatuses.find((each) => each === state || each.split(' ')[0] === state);
  if (state !== undefined && wanted === undefined) {
    throw new AppError(
      'USAGE',
      `--state must be one of ${runStatuses.join(', ')}. Got ${JSON.stringify(state)} instead.${didYouMean(state, runStatuses)}`,
    );
  }
  const { registered, live, parts } = await withRegistry(context, async ({ registry }) => {
    const listed = (): Promise<RunSummary[]> =>
      registry.listRuns({ limit, state: recorded(wanted), topLevel: !all });
    let runs = await listed();
    const { live, corrected } = await liveRuns(context, { registry, runs });
    if (corrected) runs = await listed();
    return { registered: runs, live, parts: await registry.partsOf(runs.map(({ id }) => id)) };
  });
  const known = registered.map((run) => ({
    ...run,
    ...statusOf(run, live),
    parts: parts.get(run.id) ?? null,
  }));
  const runs = [
    ...(await unregistered(context, known, live)).filter(
      ({ workflowId }) => all || !workflowId.includes('/'),
    ),
    ...known,
  ]
    .filter(
      ({ status }) =>
        wanted === undefined ||
        status === wanted ||
        (wanted === 'running' && state === 'running' && isOpen(status)),
    )
    .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
    .slice(0, limit);
  const { terminal } = context;
  if (terminal.json) return terminal.printJson(runs);
  if (runs.length === 0)
    return terminal.print(
      wanted === undefined ? 'No runs yet. "overture demo" makes the first one.' : `No run is ${wanted}.`,
    );
  terminal.print(table(['run', 'workflow', 'state', 'started', 'took', ''], runs.map(row)));
  for (const status of new Set(runs.map((run) => run.status)))
    if (statusMeanings[status] !== undefined) terminal.note(`${status}: ${statusMeanings[status]}`);
}

/**
 * The registry state for a displayed status. For an open run, the registry only records that it has not
 * finished.
 */
function recorded(status: RunStatus | undefined): RunSummary['state'] | undefined {
  if (status === undefined || status === 'refused') return undefined;
  if (status === 'timed out') return 'timedOut';
  return status === 'completed' ||
    status === 'failed' ||
    status === 'cancelled' ||
    status === 'terminated' ||
    status === 'deleted'
    ? status
    : 'running';
}

function isOpen(status: RunStatus): boolean {
  return recorded(status) === 'running';
}

/**
 * Runs that are only in Temporal: those that have not started yet, and those refused because of their input.
 */
async function unregistered(
  context: CliContext,
  known: readonly RunSummary[],
  live: readonly LiveRun[] | undefined,
): Promise<ShownRun[]> {
  const candidates = (live ?? []).filter(
    ({ temporalRunId }) => !known.some((run) => run.temporalRunId === temporalRunId),
  );
  if (candidates.length === 0) return [];
  return withRegistry(context, async ({ registry }) => {
    const missing: ShownRun[] = [];
    for (const {
      workflowId,
      temporalRunId,
      workflow,
      status,
      startedAt,
      waitsFor = null,
      unpolled = null,
    } of candidates) {
      const recordedRun = await registry.getRun(temporalRunId).catch(() => undefined);
      if (recordedRun === undefined && status !== 'closed')
        missing.push({
          workflowId,
          workflow,
          status,
          startedAt,
          finishedAt: null,
          waitsFor,
          unpolled,
          parts: null,
        });
    }
    return missing;
  });
}

function row({
  workflowId,
  workflow,
  status,
  startedAt,
  finishedAt,
  waitsFor,
  unpolled,
  parts,
}: ShownRun): string[] {
  return [
    workflowId,
    workflow,
    status,
    instant(startedAt),
    finishedAt ? duration(finishedAt.getTime() - startedAt.getTime()) : '',
    [
      ...(unpolled === null ? [] : [`no worker polls ${taskQueues[unpolled]}`]),
      ...(waitsFor === null ? [] : [`waits for the training of ${waitsFor}`]),
      partsText(parts),
    ]
      .filter((text) => text !== '')
      .join('; '),
  ];
}

/**
 * `overture runs show ID`. With `--json`, prints the registry record of the run, with status, waitsFor, parts
 * and next.
 */
export async function showRun(context: CliContext, id: string): Promise<void> {
  const { terminal } = context;
  const found = await withRegistry(context, async ({ registry }) => {
    const run = await registry.getRun(id).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'RUN_UNKNOWN') return error;
      throw error;
    });
    const { live, corrected } = await liveRuns(context, {
      registry,
      runs: run instanceof AppError ? [] : [run],
    });
    if (run instanceof AppError) return { unknown: run, live };
    return {
      run: corrected ? await registry.getRun(run.id) : run,
      live,
      parts: (await registry.partsOf([run.id])).get(run.id) ?? null,
    };
  });
  if (found.unknown !== undefined) {
    const only = found.live?.find((run) => run.workflowId === id || run.temporalRunId === id);
    if (only === undefined) throw found.unknown;
    return showUnregistered(context, only);
  }
  const { run, live, parts } = found;
  const shown = { ...run, ...statusOf(run, live), parts };
  const next = nextSteps(shown);
  if (terminal.json) terminal.printJson({ ...shown, next });
  else
    terminal.print(
      [runText(shown), ...(next.length > 0 ? ['', 'Next:', ...next.map((line) => `  ${line}`)] : [])].join(
        '\n',
      ),
    );
}

/**
 * Shows a run that was refused or that no worker has started. Its input and its failure come from Temporal.
 */
async function showUnregistered(context: CliContext, run: LiveRun): Promise<void> {
  const { terminal } = context;
  const { input, error } = await withTemporalClient(context, 'Showing this run', async ({ client }) => {
    const handle = client.workflow.getHandle(run.workflowId, run.temporalRunId);
    const failure =
      run.status === 'refused'
        ? await handle.result().then(
            () => undefined,
            (thrown: Error) => thrown,
          )
        : undefined;
    const { events } = await handle.fetchHistory();
    const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    return {
      input: payload ? (JSON.parse(Buffer.from(payload).toString('utf8')) as unknown) : {},
      error: failure && ((failure.cause as Error | undefined)?.message ?? failure.message),
    };
  });
  const { workflowId, workflow, status, startedAt } = run;
  const shown = {
    workflowId,
    workflow,
    status: status === 'closed' ? ('lost' as const) : status,
    startedAt,
    input,
  };
  const next = nextSteps(shown);
  if (terminal.json)
    return terminal.printJson({
      ...shown,
      error: error ?? null,
      waitsFor: run.waitsFor ?? null,
      unpolled: run.unpolled ?? null,
      next,
    });
  terminal.print(
    [
      `${workflowId}  ${status}`,
      `${workflow}, started ${instant(startedAt)}`,
      ...(run.unpolled === undefined ? [] : [unpolledText(run.unpolled)]),
      ...(error === undefined ? [] : ['', `cause: ${error}`]),
      '',
      `input: ${JSON.stringify(input)}`,
      '',
      'Next:',
      ...next.map((line) => `  ${line}`),
    ].join('\n'),
  );
}

function runText(run: RunDetails & Pick<ShownRun, 'status' | 'waitsFor' | 'unpolled' | 'parts'>): string {
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
  const cause = causeOf(run);
  const parts = partsText(run.parts);
  return [
    `${run.id}  ${run.status}${statusMeanings[run.status] === undefined ? '' : ` (${statusMeanings[run.status]})`}`,
    ...executionsText(run),
    `${run.workflow}, started ${instant(run.startedAt)}${run.finishedAt ? `, took ${duration(run.finishedAt.getTime() - run.startedAt.getTime())}` : ''}`,
    ...(run.unpolled === null ? [] : [unpolledText(run.unpolled)]),
    ...(run.waitsFor === null
      ? []
      : [`waits for the training of ${run.waitsFor}: trainings run one at a time`]),
    ...(parts === '' ? [] : [parts]),
    ...(cause === undefined ? [] : ['', `cause: ${cause}`]),
    '',
    `input: ${JSON.stringify(run.input)}`,
    ...(stages.length > 0 ? ['', table(['stage', 'state', 'took', 'output'], stages)] : []),
    ...(run.controls.length > 0
      ? ['', table(['stage', 'asked for', 'by', 'at', 'took effect'], run.controls.map(controlRow))]
      : []),
    ...(metrics.length > 0 ? ['', table(['measured on', 'metric', 'value'], metrics, 2)] : []),
    ...run.models.map(({ model, version, bundle }) => `\nmodel ${model}@${version}  ${bundle.digest}`),
  ].join('\n');
}

/** Notes that the end of the run was reported by Temporal, and that the run was reset. */
function executionsText({ endedBy, state, executions }: RunDetails): string[] {
  const resets = executions.flatMap(({ cause }, i) =>
    cause === 'reset'
      ? [
          `reset: execution ${executions[i]!.execution} continues it; the one before was ${executions[i - 1]?.ended ?? 'replaced'}`,
        ]
      : [],
  );
  return [
    ...(endedBy === 'temporal'
      ? [
          `${state === 'timedOut' ? 'timed out' : state} according to Temporal; the workflow could not record it`,
        ]
      : []),
    ...resets,
  ];
}

/** Why a run failed or waits: its own error, or else the error of the stage that failed last. */
function causeOf({ error, status, stages }: RunDetails & Pick<ShownRun, 'status'>): string | undefined {
  if (error) return typeof error === 'string' ? error : JSON.stringify(error);
  const failed = stages.findLast(({ state }) => state === 'failed');
  if (failed === undefined || (status !== 'parked' && status !== 'interrupted')) return undefined;
  const { message } = (failed.error ?? {}) as { readonly message?: string };
  return `${failed.node}: ${message ?? JSON.stringify(failed.error)}`;
}

function controlRow({ node, action, by, askedAt, applied }: StageControl): string[] {
  const effect =
    applied === null
      ? 'not yet, or too late'
      : `after step ${applied.step}${applied.changesResult ? '' : ', learns the same'}`;
  return [
    node,
    typeof action === 'string' ? action : JSON.stringify(action),
    by ?? '',
    instant(askedAt),
    effect,
  ];
}
