import { isCanceled } from '@overture/execution';
import type { Metric } from '@overture/registry';
import {
  fineTuneInChild,
  type FineTuneFiles,
  type FineTuneSummary,
  type TrainingAction,
  type TrainingProgress,
} from '@overture/training';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointFolder } from './checkpoint-folders.ts';
import { costMetrics } from './cost-metrics.ts';
import type { StageContext } from './stage-context.ts';
import { trainingControls } from './training-controls.ts';

/**
 * Trains in a child process, which resumes from the last checkpoint of the same work, whichever run wrote it.
 * The cost of this attempt is recorded as the stage's.
 */
export async function trainInChild(
  files: Omit<FineTuneFiles, 'checkpoints' | 'kept'>,
  stage: string,
  {
    settings,
    signal,
    cacheKey,
    controls,
    heartbeat,
    metrics,
    whenRecorded,
  }: Pick<
    StageContext,
    'settings' | 'signal' | 'cacheKey' | 'controls' | 'heartbeat' | 'metrics' | 'whenRecorded'
  >,
): Promise<FineTuneSummary> {
  const checkpoints = checkpointFolder(settings.stateDir, cacheKey);
  const { threads, executionProvider, checkpointEverySteps } = settings;
  const trained = await fineTuneInChild(
    {
      ...files,
      executionProvider,
      checkpoints,
      kept: join(settings.stateDir, 'kept'),
      config: { ...files.config, threads, checkpointEverySteps },
    },
    {
      signal,
      isFinal: isCanceled,
      controls: trainingControls(controls),
      onProgress: (progress) => heartbeat(shown(progress)),
      onUsage: (usage) => metrics(costMetrics(stage, usage)),
    },
  ).catch(async (thrown: unknown) => {
    // A canceled training is not resumed. The stage still holds its lease, so that no other attempt uses the
    // folder.
    if (signal.aborted && isCanceled(signal.reason)) await rm(checkpoints, { recursive: true, force: true });
    throw thrown;
  });
  whenRecorded(() => rm(checkpoints, { recursive: true, force: true }));
  metrics(metricsOf(trained));
  return trained;
}

function shown(progress: TrainingProgress): Parameters<StageContext['heartbeat']>[0] {
  switch (progress.kind) {
    case 'step': {
      const { step, totalSteps, epoch, loss } = progress;
      return { done: step, total: totalSteps, training: { step, totalSteps, epoch, loss } };
    }
    case 'epoch': {
      const { epoch, step, trainLoss, macroF1 } = progress.record;
      return {
        message: `epoch ${epoch}: macro-F1 ${macroF1?.toFixed(3) ?? 'unknown'}`,
        done: step,
        total: progress.totalSteps,
        training: { step, totalSteps: progress.totalSteps, epoch, loss: trainLoss },
      };
    }
    case 'controlled':
      return {
        message: `after step ${progress.control.step} ${actionText(progress.control.action)}`,
        done: progress.control.step,
        total: progress.totalSteps,
      };
    case 'evaluated': {
      const { step, macroF1, validLoss } = progress.record;
      return {
        message: `after step ${step}: macro-F1 ${macroF1?.toFixed(3) ?? 'unknown'}, loss ${validLoss?.toFixed(3) ?? 'unknown'} on the split valid`,
        done: step,
        total: progress.totalSteps,
      };
    }
    case 'probe':
      return {
        message: 'looking at the training split with the network as it comes',
        done: progress.done,
        total: progress.total,
      };
    case 'activations':
      return {
        message: 'computing what the frozen layers give, once',
        done: progress.done,
        total: progress.total,
      };
    case 'activationsTooLarge':
      return {
        message: `what the frozen layers give takes ${inMiB(progress.bytes)}, ${inMiB(progress.budget)} are there: computed anew in every step`,
      };
    case 'resumed':
      return {
        message: `goes on from step ${progress.step}`,
        done: progress.step,
        total: progress.totalSteps,
      };
  }
}

function actionText(action: TrainingAction): string {
  if (action === 'stopAfterEpoch') return 'asked to end with this epoch';
  return action === 'evaluateNow'
    ? 'asked to be evaluated'
    : `asked to go on at ${action.learningRate} of the learning rate`;
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

const scores = ['trainLoss', 'validLoss', 'macroF1', 'positiveRecall', 'auc', 'averagePrecision'] as const;

/** Metrics by epoch, and by step for the evaluations requested while it was running. */
function metricsOf({ history, evaluations }: FineTuneSummary): Metric[] {
  const records = [
    ...history.map((record) => ({ scope: 'training', at: record.epoch, record })),
    ...evaluations.map((record) => ({
      scope: 'training:steps',
      at: record.step,
      record: { trainLoss: null, ...record },
    })),
  ];
  return records.flatMap(({ scope, at: step, record }) =>
    scores.flatMap((name) => (record[name] === null ? [] : [{ scope, name, value: record[name], step }])),
  );
}
