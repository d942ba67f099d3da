import type { Application, LaterExecution, StageOutcome, StageRequest } from '@overture/protocol';
import { AppError, boundedError, errorLimits, shorten, type RunId } from '@overture/core';
import type { Failure, StageCall, Task } from '@overture/dag';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { proxyActivities, type ActivityInterfaceFor } from '@temporalio/workflow';
import { summaryText } from './summary-text.ts';

type StageActivities = ActivityInterfaceFor<Record<string, (request: StageRequest) => Promise<StageOutcome>>>;

/** The outcome of a call: its output, and details for display. */
export type CallOutcome = Pick<StageOutcome, 'output'> &
  Partial<Pick<StageOutcome, 'reused' | 'reasons' | 'durationMs' | 'artifacts'>> & {
    readonly child?: string;
  };

/**
 * Runs a task as the activity named after its stage, on the stage's queue.
 * @param together the number of calls of the run that execute at the same time
 */
export function callStage(
  { id, node, input, attempt }: Extract<Task, { kind: 'call' }>,
  call: StageCall,
  {
    application: { taskQueues },
    run,
    execution,
    together,
  }: {
    readonly application: Application;
    readonly run: RunId;
    readonly execution?: LaterExecution;
    readonly together: number;
  },
): Promise<CallOutcome> {
  if (!Object.hasOwn(taskQueues, call.queue))
    return Promise.reject(queueUnknown(call, Object.keys(taskQueues)));
  const activities = proxyActivities<StageActivities>({
    taskQueue: taskQueues[call.queue],
    startToCloseTimeout: call.timeouts.startToClose * 1000,
    ...(call.timeouts.heartbeat !== undefined && { heartbeatTimeout: call.timeouts.heartbeat * 1000 }),
    retry: {
      maximumAttempts: call.retry.maximumAttempts,
      initialInterval: call.retry.initialInterval * 1000,
      backoffCoefficient: call.retry.backoff,
      maximumInterval: 60_000,
    },
    // A canceled stage may still write its checkpoint; the run waits for it.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary: summaryText(
      `${attempt > 1 ? `Attempt ${attempt}: ` : ''}${id === node.id ? '' : `${id}: `}${node.summary}`,
    ),
  });
  const activity = activities[call.stage] as (request: StageRequest) => Promise<StageOutcome>;
  return activity({
    run,
    ...(execution && { execution }),
    node: id,
    input,
    version: call.version,
    reuse: node.reuse,
    ...(together > 1 && { together }),
  });
}

function queueUnknown({ stage, queue }: StageCall, known: readonly string[]): AppError {
  return new AppError(
    'QUEUE_UNKNOWN',
    `The queue of stage ${stage} must be one of the application: ${known.join(', ')}. Got ${queue} instead.`,
  );
}

/**
 * Converts an error thrown by an activity or a child workflow to a failure with the stage's own message and
 * code.
 */
export function failureOf(thrown: unknown): Failure {
  const cause = causeOf(thrown);
  // Bounded, because it becomes an event of the schedule and is displayed.
  return {
    message: boundedError(cause).message,
    code:
      cause instanceof ApplicationFailure && cause.type
        ? shorten(cause.type, errorLimits.code)
        : 'StageFailed',
    thrown,
  };
}

/**
 * Creates the workflow's failure from a stage's failure. Its top level has the stage's own message, which the
 * Temporal UI and clients show; the chain of causes is below.
 */
export function stageFailure(id: string, { message, code, thrown }: Failure): ApplicationFailure {
  const cause = causeOf(thrown);
  const details = cause instanceof ApplicationFailure ? (cause.details ?? []) : [];
  return ApplicationFailure.create({
    message: `${id}: ${message}`,
    type: code,
    nonRetryable: true,
    details,
    cause: thrown instanceof Error ? thrown : undefined,
  });
}

/** Returns the error inside Temporal's activity or child-workflow failure. */
export function causeOf(thrown: unknown): Error {
  const cause =
    (thrown instanceof ActivityFailure || thrown instanceof ChildWorkflowFailure) && thrown.cause
      ? thrown.cause
      : thrown;
  return cause instanceof Error ? cause : new Error(String(cause));
}
