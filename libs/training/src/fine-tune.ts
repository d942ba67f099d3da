import { AppError } from '@overture/core';
import { freezeLayers } from '@overture/models';
import { checkJob } from './check-job.ts';
import { checkMemory } from './memory-estimate.ts';
import { TrainingRun } from './training-run.ts';
import type { FineTuneOptions, FineTuned } from './fine-tune-options.ts';

/**
 * Fine-tunes a model for the task of its head: a `sequenceClassifier` with two classes on the tokens' labels,
 * a `multiLabelClassifier` on their flags, a `causalLanguageModel` on their answers.
 * Returns the weights of the epoch that is best on the split "valid" by `selectionMetric`. Ties go to the
 * lower loss. Causal language modeling always uses the loss. With `patience`, training stops after that many
 * epochs without improvement.
 * Training is deterministic: the same job with the same controls at the same steps returns the same bits,
 * even if it was interrupted and resumed. Checkpoints that were reached with other controls are ignored.
 * @throws AppError `TRAINING_…`, `CHECKPOINT_…`, `FREEZE_LAYERS_INVALID`; or the abort reason of `signal`
 */
export function fineTune(given: FineTuneOptions): Promise<FineTuned> {
  // no stack frame may keep a reference to the weights during training: a language model's have half a
  // gigabyte
  return new Promise<TrainingRun>((resolve) => resolve(opened(given))).then(toTheEnd);
}

function opened(given: FineTuneOptions): Promise<TrainingRun> {
  const options = { ...given, model: freezeLayers(given.model, given.config.freezeLayers) };
  checkJob(options);
  checkPlacement(options);
  if (options.freeBytes !== undefined) checkMemory(options, options.freeBytes);
  return TrainingRun.open(options);
}

async function toTheEnd(started: TrainingRun): Promise<FineTuned> {
  await using run = started;
  return await run.toTheEnd(); // awaited here, so that the run is disposed only afterwards
}

function checkPlacement({ config: { frozenWeights }, runtime }: FineTuneOptions): void {
  if (frozenWeights === 'float32' || !runtime.separateMemory) return;
  throw new AppError(
    'TRAINING_CONFIG_INVALID',
    `training.frozenWeights must be "float32" on the execution provider ${runtime.executionProvider}: int8 is how processors multiply faster. Got ${JSON.stringify(frozenWeights)} instead.`,
  );
}
