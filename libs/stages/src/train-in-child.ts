import type { Metric } from '@overture/registry';
import { fineTuneInChild, type FineTuneFiles, type FineTuneSummary, type TrainingProgress } from '@overture/training';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { costMetrics } from './cost-metrics.ts';
import type { StageContext } from './stage-context.ts';

/** Trains in a process of its own, which goes on from the last checkpoint of this very work, whoever began it. What this attempt took is recorded as the stage's. */
export async function trainInChild(
  files: Omit<FineTuneFiles, 'checkpoints'>, stage: string, { settings, signal, cacheKey, heartbeat, metrics, whenRecorded }: Pick<StageContext, 'settings' | 'signal' | 'cacheKey' | 'heartbeat' | 'metrics' | 'whenRecorded'>,
): Promise<FineTuneSummary> {
  const checkpoints = join(settings.stateDir, 'checkpoints', cacheKey.replace(':', '-'));
  const { threads, checkpointEverySteps } = settings;
  const trained = await fineTuneInChild(
    { ...files, checkpoints, config: { ...files.config, threads, checkpointEverySteps } },
    { signal, onProgress: (progress) => heartbeat(shown(progress)), onUsage: (usage) => metrics(costMetrics(stage, usage)) },
  );
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
      return { message: `epoch ${epoch}: macro-F1 ${macroF1?.toFixed(3) ?? 'unknown'}`, done: step, total: progress.totalSteps, training: { step, totalSteps: progress.totalSteps, epoch, loss: trainLoss } };
    }
    case 'probe':
      return { message: 'looking at the training split with the network as it comes', done: progress.done, total: progress.total };
    case 'activations':
      return { message: 'computing what the frozen layers give, once', done: progress.done, total: progress.total };
    case 'activationsTooLarge':
      return { message: `what the frozen layers give takes ${inMiB(progress.bytes)}, ${inMiB(progress.budget)} are there: computed anew in every step` };
    case 'resumed':
      return { message: `goes on from step ${progress.step}`, done: progress.step, total: progress.totalSteps };
  }
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

function metricsOf({ history }: FineTuneSummary): Metric[] {
  return history.flatMap(({ epoch: step, ...record }) =>
    (['trainLoss', 'validLoss', 'macroF1', 'positiveRecall', 'auc', 'averagePrecision'] as const).flatMap((name) => (record[name] === null ? [] : [{ scope: 'training', name, value: record[name], step }])),
  );
}
