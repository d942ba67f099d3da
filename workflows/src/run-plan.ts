import { taskQueues, type QueueName, type RunActivities, type RunState, type StageOutcome, type StageRequest, type StageState } from '@overture/contracts';
import { AppError, type RunId } from '@overture/core';
import { dependentsOf, readyNodes, resolveBinding, type Plan, type PlanNode } from '@overture/dag';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { CancellationScope, defineQuery, isCancellation, log, proxyActivities, setCurrentDetails, setHandler, workflowInfo, type ActivityInterfaceFor } from '@temporalio/workflow';
import { runTable } from './run-table.ts';

/** The current state of every stage. */
export const stateQuery = defineQuery<RunState>('state');

/** What a finished plan gave, and which run it was. */
export interface PlanRun<Result> {
  readonly run: RunId;
  readonly workflowId: string;
  readonly result: Result;
}

type StageActivities = ActivityInterfaceFor<Record<string, (request: StageRequest) => Promise<StageOutcome>>>;

const { beginRun, endRun } = proxyActivities<RunActivities>({
  taskQueue: taskQueues.light,
  startToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 20, maximumInterval: '15 seconds' },
});

/**
 * Runs a plan durably: each node is an activity named after its stage, on the stage's queue, started as soon as
 * everything that it needs is there. When a stage has failed for good, those already running finish, so that their
 * work can be reused; nothing new starts, and the workflow fails with the stage's own message.
 */
export async function runPlan<Result>(plan: Plan<Result>, input: unknown): Promise<PlanRun<Result>> {
  const { workflowId, runId } = workflowInfo();
  const run = `${workflowId}/${runId}` as RunId;
  const board = stateBoard(run, plan);
  try {
    await beginRun({ run, workflowId, pipeline: plan.name, input });
    const outputs = await runNodes(plan, run, board);
    // Typed by the pipeline that made the plan; each output was parsed by its stage's schema in the activity.
    const result = resolveBinding(plan.result, outputs) as Result;
    await CancellationScope.nonCancellable(() => endRun({ run, outcome: 'completed', result }));
    board.finish('completed');
    return { run, workflowId, result };
  } catch (thrown) {
    const outcome = isCancellation(thrown) ? 'cancelled' : 'failed';
    board.finish(outcome);
    // A registry that cannot be reached must not hide why the run failed.
    await CancellationScope.nonCancellable(() => endRun({ run, outcome, error: causeOf(thrown).message })).catch(() => log.warn('The run could not be closed in the registry.', { run }));
    throw thrown;
  }
}

async function runNodes(plan: Plan, run: RunId, board: StateBoard): Promise<ReadonlyMap<string, unknown>> {
  const outputs = new Map<string, unknown>();
  const started = new Set<string>();
  const running = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  for (;;) {
    if (failures.length === 0) {
      for (const node of readyNodes(plan, { started, done: outputs })) {
        started.add(node.id);
        board.set(node.id, { status: 'running' });
        const stage = runStage(node, { run, node: node.id, input: resolveBinding(node.input, outputs), version: node.version, reuse: node.reuse }).then(
          ({ output, reused, reasons, durationMs, artifacts }) => {
            outputs.set(node.id, output);
            board.set(node.id, { status: 'done', reused, reasons, durationMs, artifacts });
          },
          (thrown: unknown) => {
            failures.push(isCancellation(thrown) ? thrown : stageFailure(node, thrown));
            board.set(node.id, { status: isCancellation(thrown) ? 'cancelled' : 'failed', error: isCancellation(thrown) ? undefined : causeOf(thrown).message });
            for (const id of dependentsOf(plan, node.id)) board.set(id, { status: 'skipped' });
          },
        );
        running.set(node.id, stage.finally(() => running.delete(node.id)));
      }
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (failures.length > 0) throw failures.find(isCancellation) ?? failures[0];
  return outputs;
}

function runStage(node: PlanNode, request: StageRequest): Promise<StageOutcome> {
  const activities = proxyActivities<StageActivities>({
    taskQueue: queueOf(node),
    startToCloseTimeout: `${node.timeouts.startToClose} seconds`,
    ...(node.timeouts.heartbeat !== undefined && { heartbeatTimeout: `${node.timeouts.heartbeat} seconds` }),
    retry: { maximumAttempts: node.retry.maximumAttempts, initialInterval: `${node.retry.initialInterval} seconds`, backoffCoefficient: node.retry.backoff, maximumInterval: '1 minute' },
    // A cancelled stage may still write its checkpoint; the run ends when it has.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary: node.summary.slice(0, 100),
  });
  const activity = activities[node.stage] as (request: StageRequest) => Promise<StageOutcome>;
  return activity(request);
}

function queueOf(node: PlanNode): string {
  if (Object.hasOwn(taskQueues, node.queue)) return taskQueues[node.queue as QueueName];
  throw new AppError('QUEUE_UNKNOWN', `Stage ${node.stage} wants the queue ${node.queue}; known are ${Object.keys(taskQueues).join(', ')}.`);
}

/** The stage's own message at top level, where the Temporal UI and a client show it; the chain of causes below it. */
function stageFailure(node: PlanNode, thrown: unknown): ApplicationFailure {
  const cause = causeOf(thrown);
  const type = cause instanceof ApplicationFailure && cause.type ? cause.type : 'StageFailed';
  const details = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return ApplicationFailure.create({ message: `${node.id}: ${cause.message}`, type, nonRetryable: true, details, cause: thrown instanceof Error ? thrown : undefined });
}

function causeOf(thrown: unknown): Error {
  const cause = thrown instanceof ActivityFailure && thrown.cause ? thrown.cause : thrown;
  return cause instanceof Error ? cause : new Error(String(cause));
}

interface StateBoard {
  set(id: string, change: Omit<StageState, 'id' | 'stage'>): void;
  finish(status: RunState['status']): void;
}

/** Keeps the state that the query gives and the Temporal UI shows; neither leaves events in the history. */
function stateBoard(run: RunId, plan: Plan): StateBoard {
  let state: RunState = { run, pipeline: plan.name, status: 'running', stages: plan.nodes.map(({ id, stage }) => ({ id, stage, status: 'waiting' })) };
  const show = (next: RunState): void => {
    state = next;
    setCurrentDetails(runTable(state));
  };
  setHandler(stateQuery, () => state, { description: 'The state of every stage: waiting, running, done (reused or not), failed.' });
  show(state);
  return {
    set: (id, change) => show({ ...state, stages: state.stages.map((stage) => (stage.id === id ? { ...stage, ...change } : stage)) }),
    finish: (status) => show({ ...state, status, stages: state.stages.map((stage) => (stage.status === 'waiting' ? { ...stage, status: 'skipped' } : stage)) }),
  };
}
