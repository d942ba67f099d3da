import { createHash } from 'node:crypto';
import { AppError, canonicalJson, type Digest } from '@overture/core';
import type { Model, Weights } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import { tensorBytes } from '@overture/tensors';
import { examplesOfSplit, lengthsOf, type TokenSet } from '@overture/tokenization';
import { fineTuneDefaults, type FineTuneConfig } from './fine-tune-config.ts';
import { taskTable } from './tasks/task-table.ts';

/** The inputs of a fine-tuning run. */
export interface FineTuneJob {
  readonly config: FineTuneConfig;
  readonly model: Model;
  readonly tokens: TokenSet;
  /** Pretrained network with a head, as `loadWeights` returns it for the model. */
  readonly weights: Weights;
}

/**
 * Settings added later. At their defaults they are left out of the digest, so that older checkpoints stay
 * valid.
 */
const laterKeys = [
  'freezeLayers',
  'ema',
  'dropout',
  'frozenWeights',
] as const satisfies readonly (keyof FineTuneConfig)[];

/**
 * Digest of everything that affects the result, so that a checkpoint of another job is rejected. The
 * checkpoint interval and the number of threads are left out: they do not change the result.
 */
export function jobDigest({
  config,
  model,
  tokens,
  weights,
  runtime,
}: FineTuneJob & { readonly runtime?: Pick<Runtime, 'executionProvider'> }): Digest {
  const { checkpointEverySteps: _every, threads: _threads, ...rest } = config;
  const decisive = Object.fromEntries(
    Object.entries(rest).filter(
      ([key, value]) => !laterKeys.some((later) => later === key && value === fineTuneDefaults[later]),
    ),
  );
  const elsewhere = runtime !== undefined &&
    runtime.executionProvider !== 'cpu' && { executionProvider: runtime.executionProvider };
  const hash = createHash('sha256');
  hash.update(
    canonicalJson({ ...elsewhere, config: decisive, model: model.configJson(), splits: tokens.splitNames }),
  );
  for (const array of [
    tokens.ids,
    tokens.offsets,
    tokens.labels,
    tokens.splits,
    tokens.flags,
    tokens.answerStarts,
  ])
    if (array !== undefined) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  for (const name of [...weights.keys()].sort()) hash.update(name).update(tensorBytes(weights.get(name)!));
  return `sha256:${hash.digest('hex')}` as Digest;
}

/**
 * Checks that the tokens fit the model before anything is allocated. All problems are reported in one error.
 * @throws AppError `TRAINING_TOKENS_MISFIT`
 */
export function checkJob(job: FineTuneJob): void {
  const { config, model, tokens } = job;
  const { vocabSize, maxPositions } = model.network.size;
  const longest = lengthsOf(tokens).reduce((most, length) => Math.max(most, length), 0);
  const problems: string[] = [];
  if (tokens.vocabSize > vocabSize) {
    problems.push(
      `The tokenizer has ${tokens.vocabSize} entries, the embedding of the base model ${vocabSize}: use the tokenizer of the base model.`,
    );
  }
  const limit = Math.min(config.maxLength, maxPositions);
  if (longest > limit) {
    problems.push(
      `The longest example has ${longest} tokens, training.maxLength is ${config.maxLength} and the base model has ${maxPositions} positions: tokenize with a maxLength of at most ${limit}.`,
    );
  }
  const strange = tokens.ids.findIndex((id) => !(id >= 0 && id < vocabSize));
  if (strange >= 0)
    problems.push(
      `Token ${strange} has the id ${tokens.ids[strange]}, the embedding of the base model ${vocabSize} rows: use the tokenizer of the base model.`,
    );
  problems.push(...taskTable[model.task].problems(job));
  if (examplesOfSplit(tokens, 'train').length === 0) {
    problems.push(
      `The split "train" has no examples; there are ${tokens.splitNames.join(', ')}: check the corpus and its splits.`,
    );
  }
  if (problems.length > 0)
    throw new AppError('TRAINING_TOKENS_MISFIT', `The tokens must fit the training. ${problems.join(' ')}`, {
      details: { problems },
    });
}
