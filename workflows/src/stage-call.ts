import { taskQueues, type QueueName, type StageOutcome, type StageRequest } from '@overture/contracts';
import { AppError } from '@overture/core';
import type { Failure, Task } from '@overture/dag';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import { summaryText } from './summary-text.ts';

type StageActivities = ActivityInterfaceFor<Record<string, (request: StageRequest) => Promise<StageOutcome>>>;

/** Runs a task as the activity that is named after its stage, on the stage's queue. */
export function callStage({ node, attempt }: Task, request: StageRequest): Promise<StageOutcome> {
  const activities = proxyActivities<StageActivities>({
    taskQueue: queueOf(node),
    startToCloseTimeout: `${node.timeouts.startToClose} seconds`,
    ...(node.timeouts.heartbeat !== undefined && { heartbeatTimeout: `${node.timeouts.heartbeat} seconds` }),
    retry: { maximumAttempts: node.retry.maximumAttempts, initialInterval: `${node.retry.initialInterval} seconds`, backoffCoefficient: node.retry.backoff, maximumInterval: '1 minute' },
    // A cancelled stage may still write its checkpoint; the run ends when it has.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary: summaryText(attempt > 1 ? `Attempt ${attempt}: ${node.summary}` : node.summary),
  });
  const activity = activities[node.stage] as (request: StageRequest) => Promise<StageOutcome>;
  return activity(request);
}

function queueOf({ stage, queue }: Task['node']): string {
  if (Object.hasOwn(taskQueues, queue)) return taskQueues[queue as QueueName];
  throw new AppError('QUEUE_UNKNOWN', `Stage ${stage} wants the queue ${queue}; known are ${Object.keys(taskQueues).join(', ')}.`);
}

/** What an activity threw, in the stage's own words. */
export function failureOf(thrown: unknown): Failure {
  const cause = causeOf(thrown);
  return { message: cause.message, code: cause instanceof ApplicationFailure && cause.type ? cause.type : 'StageFailed', thrown };
}

/** The stage's own message at top level, where the Temporal UI and a client show it; the chain of causes below it. */
export function stageFailure(id: string, { message, code, thrown }: Failure): ApplicationFailure {
  const cause = causeOf(thrown);
  const details = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return ApplicationFailure.create({ message: `${id}: ${message}`, type: code, nonRetryable: true, details, cause: thrown instanceof Error ? thrown : undefined });
}

export function causeOf(thrown: unknown): Error {
  const cause = thrown instanceof ActivityFailure && thrown.cause ? thrown.cause : thrown;
  return cause instanceof Error ? cause : new Error(String(cause));
}
