import { fineTune, type TrainingInput } from '@overture/contracts';
import { resolveTagSet } from '@overture/dialogue';
import { writeBundle, type BundleContent, type ValidationExamples } from '@overture/inference';
import { classCount, parseNetwork, parseWeights, sequenceClassifier } from '@overture/models';
import type { Metric } from '@overture/registry';
import { decodeTokenSet, examplesOfSplit, idsOf } from '@overture/tokenization';
import { fineTuneInChild, fineTuneOutputs, type FineTuneSummary, type TrainingProgress } from '@overture/training';
import { createReadStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { implement } from '../implement.ts';
import type { StageContext } from '../stage-context.ts';

/** Trains in a process of its own, which goes on from the last checkpoint of this very work, whoever began it. */
export const fineTuneStage = implement(fineTune, async (input, { artifacts, settings, signal, workDir, cacheKey, heartbeat, metrics, whenRecorded }) => {
  const { protocol, base } = input;
  const { int8LargestDrop: largestDrop, ...training } = input.training;
  const [tokens, weights, modelConfig, output] = ['tokens', 'weights', 'config.json', 'trained'].map((name) => join(workDir, name)) as [string, string, string, string];
  await artifacts.materialize(input.tokens, tokens);
  await artifacts.materialize(input.weights, weights);
  await artifacts.materialize(input.config, modelConfig);
  const checkpoints = join(settings.stateDir, 'checkpoints', cacheKey.replace(':', '-'));
  const { threads, checkpointEverySteps } = settings;

  const trained = await fineTuneInChild(
    { tokens, weights, modelConfig, checkpoints, output, config: { ...training, threads, checkpointEverySteps } },
    { signal, onProgress: (progress) => heartbeat(shown(progress)) },
  );
  whenRecorded(() => rm(checkpoints, { recursive: true, force: true }));
  metrics(metricsOf(trained));

  heartbeat({ message: 'writing the bundle' });
  const model = sequenceClassifier(parseNetwork(await readFile(modelConfig, 'utf8')), { classes: classCount });
  const file = join(output, fineTuneOutputs.weights);
  const best = trained.history[trained.bestEpoch - 1];
  const validation = await validationExamples(tokens);
  const bundleDir = join(workDir, 'bundle');
  await writeBundle(bundleDir, {
    name: `System initiative predictor on ${base}`,
    model, protocol, base: { name: base, digests: { weights: input.weights.digest, tokenizer: input.tokenizer.digest, config: input.config.digest } },
    weights: parseWeights(await readFile(file), model, { where: file, seed: training.seed }),
    tokenizer: await artifacts.readBytes(input.tokenizer),
    tagSet: resolveTagSet(input.tagSet),
    pooling: training.pooling,
    maxLength: training.maxLength,
    threshold: trained.threshold,
    temperature: trained.temperature,
    training: { settings: settingsOf(training), measured: measuredIn(best) },
    int8: validation && { validation, largestDrop, threads, signal },
  });
  return {
    bundle: await artifacts.putTree('bundle', bundleDir),
    log: await artifacts.put('training-log', createReadStream(join(output, fineTuneOutputs.log))),
    summary: { steps: trained.steps, bestEpoch: trained.bestEpoch, threshold: trained.threshold, temperature: trained.temperature, validMacroF1: best?.macroF1 ?? null },
  };
});

/** The validation split of a token set's file; undefined where it has none. */
async function validationExamples(file: string): Promise<ValidationExamples | undefined> {
  const tokens = decodeTokenSet(await readFile(file), file);
  const valid = Array.from(examplesOfSplit(tokens, 'valid'));
  return valid.length === 0 ? undefined : { sequences: valid.map((i) => idsOf(tokens, i)), labels: valid.map((i) => tokens.labels[i] as number) };
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

function settingsOf(training: Omit<TrainingInput, 'int8LargestDrop'>): BundleContent['training']['settings'] {
  return Object.fromEntries(Object.entries(training).map(([key, value]) => [key, typeof value === 'object' ? JSON.stringify(value) : value]));
}

function measuredIn(best: FineTuneSummary['history'][number] | undefined): BundleContent['training']['measured'] {
  return Object.fromEntries(Object.entries(best ?? {}).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
