import type { StageOutcome, StageProgress, StageRequest } from '@overture/protocol';
import { AppError, listNames, shorten } from '@overture/core';
import type { StageContract } from '@overture/dag';
import { CancelledFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { executeStage, type StageImplementation, type StageServices } from '@overture/execution';
import { attemptSignal } from './attempt-signal.ts';
import { stageFailure } from './stage-failure.ts';

/** The Temporal activity of one stage. */
export type StageActivity = (request: StageRequest) => Promise<StageOutcome>;

/**
 * Creates the activities of stages, each named after its stage.
 * @throws AppError `STAGE_TWICE` if two implementations have the same name.
 */
export function stageActivities<Settings, AppRegistry>(
  stages: readonly StageImplementation<StageContract, Settings, AppRegistry>[],
  services: StageServices<Settings, NoInfer<AppRegistry>>,
): Record<string, StageActivity> {
  const activities: Record<string, StageActivity> = {};
  let executing = 0;
  for (const stage of stages) {
    const { name } = stage.contract;
    if (name in activities)
      throw new AppError(
        'STAGE_TWICE',
        `Stage ${name} must have one implementation on a worker. Got two: leave one out.`,
      );
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
 * Creates the activity for stages that a worker does not implement. Its error names the required worker.
 * Retryable, because another worker on the queue may implement the stage.
 */
export function unknownStage(
  known: readonly string[],
  queue: string,
): (request: StageRequest) => Promise<never> {
  return async () => {
    const { activityType } = Context.current().info;
    throw stageFailure(
      new AppError(
        'STAGE_UNKNOWN',
        `Stage ${activityType} must have an implementation on every worker of queue ${queue}. This worker has ${listNames(known)}: start a worker of the release that has ${activityType}, or stop this one.`,
        { retryable: true },
      ),
    );
  };
}

const maximumProgress = 500;

/** Heartbeats on a timer, so that a busy stage does not time out and is notified of a cancellation. */
async function asActivity<Settings, AppRegistry>(
  stage: StageImplementation<StageContract, Settings, AppRegistry>,
  request: StageRequest,
  {
    services,
    executing,
  }: { readonly services: StageServices<Settings, AppRegistry>; readonly executing: () => number },
): Promise<StageOutcome> {
  const context = Context.current();
  const { attempt, heartbeatTimeoutMs } = context.info;
  let latest: StageProgress = { stage: stage.contract.name };
  const beat = (): void => context.heartbeat(latest);
  // No immediate heartbeat: it would cost a write on the server for every stage, and most finish before the
  // first tick.
  const timer = setInterval(beat, Math.min(1_000, (heartbeatTimeoutMs ?? 60_000) / 3));
  try {
    return await executeStage(stage, request, {
      services,
      attempt: {
        run: request.run,
        activityId: context.info.activityId,
        number: attempt,
        signal: attemptSignal(context.cancellationSignal),
        executing,
        heartbeat: (progress) => {
          // Output of a child process can have any length.
          latest =
            progress.message === undefined
              ? progress
              : { ...progress, message: shorten(progress.message, maximumProgress) };
          beat();
        },
      },
    });
  } catch (thrown) {
    if (context.cancellationSignal.aborted)
      throw new CancelledFailure(`Stage ${stage.contract.name} was stopped.`);
    throw stageFailure(thrown);
  } finally {
    clearInterval(timer);
  }
}
