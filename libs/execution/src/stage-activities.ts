import type { StageOutcome, StageProgress, StageRequest } from '@overture/contracts';
import { AppError, listNames, shorten } from '@overture/core';
import type { StageContract } from '@overture/dag';
import { CancelledFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { executeStage, type StageServices } from './execute-stage.ts';
import type { StageImplementation } from './implement.ts';
import { stageFailure } from './stage-failure.ts';

export type StageActivity = (request: StageRequest) => Promise<StageOutcome>;

/**
 * The activities of stages, each under its stage's name.
 * @throws AppError `STAGE_TWICE` when two implementations claim one name.
 */
export function stageActivities<Settings>(stages: readonly StageImplementation<StageContract, Settings>[], services: StageServices<Settings>): Record<string, StageActivity> {
  const activities: Record<string, StageActivity> = {};
  let executing = 0;
  for (const stage of stages) {
    const { name } = stage.contract;
    if (name in activities) throw new AppError('STAGE_TWICE', `Stage ${name} must have one implementation on a worker. Got two: leave one out.`);
    activities[name] = async (request) => {
      executing++;
      try {
        return await asActivity(stage, request, { services, executing: () => executing });
      } finally {
        executing--;
      }
    };
  }
  return activities;
}

/**
 * The activity for stages that a worker does not have: without it, the failure would not say which worker is needed.
 * Another worker on the queue may have the stage, so it is tried again.
 */
export function unknownStage(known: readonly string[], queue: string): (request: StageRequest) => Promise<never> {
  return async () => {
    const { activityType } = Context.current().info;
    throw stageFailure(
      new AppError('STAGE_UNKNOWN', `Stage ${activityType} must have an implementation on every worker of queue ${queue}. This worker has ${listNames(known)}: start a worker of the release that has ${activityType}, or stop this one.`, { retryable: true }),
    );
  };
}

const maximumProgress = 500;

/** Heartbeats on a timer, so that a busy stage is not taken for dead and hears of a cancellation. */
async function asActivity<Settings>(stage: StageImplementation<StageContract, Settings>, request: StageRequest, { services, executing }: { readonly services: StageServices<Settings>; readonly executing: () => number }): Promise<StageOutcome> {
  const context = Context.current();
  const { attempt, heartbeatTimeoutMs } = context.info;
  let latest: StageProgress = { stage: stage.contract.name };
  const beat = (): void => context.heartbeat(latest);
  // None at once: it would cost every stage a write on the server, and most are over before the first tick.
  const timer = setInterval(beat, Math.min(1_000, (heartbeatTimeoutMs ?? 60_000) / 3));
  try {
    return await executeStage(stage, request, {
      services,
      attempt: {
        run: request.run,
        activityId: context.info.activityId,
        number: attempt,
        signal: context.cancellationSignal,
        executing,
        heartbeat: (progress) => {
          // What a child process prints can be of any length.
          latest = progress.message === undefined ? progress : { ...progress, message: shorten(progress.message, maximumProgress) };
          beat();
        },
      },
    });
  } catch (thrown) {
    if (context.cancellationSignal.aborted) throw new CancelledFailure(`Stage ${stage.contract.name} was stopped.`);
    throw stageFailure(thrown);
  } finally {
    clearInterval(timer);
  }
}
