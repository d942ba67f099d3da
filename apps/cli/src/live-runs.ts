import * as contracts from '@overture/contracts';
import {
  Client,
  Connection,
  type WorkflowClient,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import type { Registry, RunSummary } from '@overture/registry';
import { reconcileRuns } from '@overture/durable-worker';
import { connectionOptions, readRunningStack, temporalSettings } from '@overture/stack';
import type { CliContext } from './context.ts';
import { unpolledQueues } from './unpolled-queues.ts';

/** The current state of a run in Temporal. */
export interface LiveRun {
  readonly workflowId: string;
  readonly temporalRunId: string;
  readonly workflow: string;
  readonly startedAt: Date;
  readonly status: LiveStatus;
  /** The workflow whose training this run waits for. */
  readonly waitsFor?: string;
  /** The queue that this run waits for and that no worker polls. */
  readonly unpolled?: contracts.QueueName;
}

/** `refused`: failed before it began, because of its input. */
export type LiveStatus = 'queued' | 'running' | 'parked' | 'waiting for approval' | 'refused' | 'closed';

/** A run's activity that Temporal has scheduled or assigned to a worker. */
interface PendingStage {
  readonly stage: string;
  readonly started: boolean;
}

interface Workflow {
  readonly info: WorkflowExecutionInfo;
  readonly pending: readonly PendingStage[];
}

const trainStages: ReadonlySet<string> = new Set(
  Object.values(contracts).flatMap((each) =>
    typeof each === 'object' && 'queue' in each && 'name' in each && each.queue === 'train'
      ? [String(each.name)]
      : [],
  ),
);
/** Temporal's PendingActivityState for an activity assigned to a worker. */
const startedState = 2;
const shown = 200;

/** Runs read from a registry, to be compared with Temporal. */
export interface Reconciled {
  readonly registry: Pick<Registry, 'noteExecution' | 'observeEnd'>;
  readonly runs: readonly RunSummary[];
}

/** The current runs in Temporal. */
export interface LiveRuns {
  /** Undefined if no server is running. */
  readonly live: readonly LiveRun[] | undefined;
  /** Whether the registry was corrected from Temporal, so that the runs must be read again. */
  readonly corrected: boolean;
}

/**
 * The runs of the running stack, or of the server named by the environment. Registered runs whose state
 * differs from Temporal's are corrected. A workflow that was terminated, timed out or deleted could not
 * record its end, and a reset reopens a run.
 */
export async function liveRuns(
  { env, home }: Pick<CliContext, 'env' | 'home'>,
  { registry, runs }: Reconciled,
): Promise<LiveRuns> {
  const stack = await readRunningStack(home);
  const own = temporalSettings(env);
  const address = own.address ?? stack?.temporalAddress;
  if (!address) return { live: undefined, corrected: false };
  const connection = await Connection.connect(connectionOptions({ address, ...own.access })).catch(
    () => undefined,
  );
  if (connection === undefined) return { live: undefined, corrected: false };
  try {
    const client = new Client({ connection, namespace: own.namespace ?? stack?.namespace });
    const live = await runsOf(client.workflow);
    const open = new Set(
      live
        .filter(({ status }) => status !== 'refused')
        .map(({ workflowId, temporalRunId }) => `${workflowId}/${temporalRunId}`),
    );
    // A single run is always checked: it may have been reset while it ran.
    const doubtful =
      runs.length === 1
        ? runs
        : runs.filter(
            ({ state, workflowId, temporalRunId }) =>
              (state === 'running') !== open.has(`${workflowId}/${temporalRunId}`),
          );
    return { live, corrected: (await reconcileRuns(client, registry, doubtful)).length > 0 };
  } finally {
    await connection.close();
  }
}

/** Open runs, and failed runs that may be missing from the registry. */
export async function runsOf(client: WorkflowClient): Promise<readonly LiveRun[]> {
  const queue = `TaskQueue = "${contracts.taskQueues.light}"`;
  const [open, failed] = await Promise.all([
    listed(client, `${queue} AND ExecutionStatus = "Running"`),
    listed(client, `${queue} AND ExecutionStatus = "Failed"`),
  ]);
  const unpolled =
    open.length === 0
      ? new Set<contracts.QueueName>()
      : await unpolledQueues(client).catch(() => new Set<contracts.QueueName>());
  const workflows = await Promise.all(
    open.map(async (info): Promise<Workflow> => ({ info, pending: await pendingStages(client, info) })),
  );
  const holder = workflows.find(({ pending }) =>
    pending.some(({ stage, started }) => started && trainStages.has(stage)),
  );
  return [
    ...workflows.map((each) => liveRun(each, workflows, { holder, unpolled })),
    ...failed.map((info) => ({ ...identity(info), status: 'refused' as const })),
  ];
}

/** Whether a stage of the run waits for the training queue, which runs one training at a time. */
export function waitsToTrain({ raw }: WorkflowExecutionDescription): boolean {
  return (raw.pendingActivities ?? []).some(
    ({ activityType, state }) => Number(state) !== startedState && trainStages.has(activityType?.name ?? ''),
  );
}

/**
 * The workflow that is training now, if this run waits for the training queue. Undefined if it does not wait.
 */
export async function trainingAhead(client: WorkflowClient, workflowId: string): Promise<string | undefined> {
  return (await runsOf(client)).find((run) => run.workflowId === workflowId)?.waitsFor;
}

async function listed(client: WorkflowClient, query: string): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of client.list({ query, pageSize: shown })) {
    found.push(info);
    if (found.length === shown) break;
  }
  return found;
}

async function pendingStages(
  client: WorkflowClient,
  { workflowId, runId }: WorkflowExecutionInfo,
): Promise<PendingStage[]> {
  // A workflow that has ended meanwhile has nothing pending.
  const description = await client
    .getHandle(workflowId, runId)
    .describe()
    .catch(() => undefined);
  return (description?.raw.pendingActivities ?? []).map(({ activityType, state }) => ({
    stage: activityType?.name ?? '',
    started: Number(state) === startedState,
  }));
}

function liveRun(
  { info, pending }: Workflow,
  all: readonly Workflow[],
  {
    holder,
    unpolled,
  }: { readonly holder: Workflow | undefined; readonly unpolled: ReadonlySet<contracts.QueueName> },
): LiveRun {
  const family = [
    { info, pending },
    ...all.filter((each) => each.info.workflowId.startsWith(`${info.workflowId}/`)),
  ];
  const stages = family.flatMap((each) => each.pending);
  const waiting = stages.some(({ stage, started }) => !started && trainStages.has(stage));
  const ahead =
    holder !== undefined && waiting && !family.some((each) => each.info.workflowId === holder.info.workflowId)
      ? holder.info.workflowId
      : undefined;
  const open = stages
    .filter(({ started }) => !started)
    .map(({ stage }): contracts.QueueName => (trainStages.has(stage) ? 'train' : 'light'));
  // Workflow tasks also use the light queue: without its workers, no run can make progress.
  const missing = [...open, 'light' as const].find((queue) => unpolled.has(queue));
  return {
    ...identity(info),
    status: statusOf(family, stages),
    ...(ahead !== undefined && { waitsFor: ahead }),
    ...(missing !== undefined && { unpolled: missing }),
  };
}

function statusOf(family: readonly Workflow[], stages: readonly PendingStage[]): LiveStatus {
  const said = family.map(({ info }) => String(info.searchAttributes['OvertureStatus'] ?? ''));
  if (stages.some(({ started }) => started))
    return said[0] === 'parked' ? 'parked' : said[0] === 'asking' ? 'waiting for approval' : 'running';
  if (said.includes('parked')) return 'parked';
  if (said.includes('asking')) return 'waiting for approval';
  return stages.length > 0 || said[0] === '' ? 'queued' : 'running';
}

function identity(
  info: WorkflowExecutionInfo,
): Pick<LiveRun, 'workflowId' | 'temporalRunId' | 'workflow' | 'startedAt'> {
  return {
    workflowId: info.workflowId,
    temporalRunId: info.raw.firstRunId || info.runId,
    workflow: info.type,
    startedAt: info.startTime,
  };
}
