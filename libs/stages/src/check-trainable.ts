import {
  classCount,
  causalLanguageModel,
  exportBytes,
  exportLimit,
  inspectionError,
  sequenceClassifier,
  type ModelInspection,
  type Network,
} from '@overture/models';
import type { BaseUse } from '@overture/contracts';
import { AppError, toAppError } from '@overture/core';
import { loadTokenizer } from '@overture/tokenization';
import { asConfigured } from '@overture/training';
import { readFileSync } from 'node:fs';

/** A base model as described by its files, without its weights. */
export interface TrainableBase {
  /** Its name or path, for messages. */
  readonly name: string;
  readonly network: Network;
  /** Why its weights cannot serve as a language model; see `ModelInspection`. */
  readonly languageModelProblems?: readonly string[];
}

/**
 * Checks whether a base model supports everything a run does with it, as far as this can be known before
 * reading weights. Used by `overture plan`, by commands that start a run on a local model, and by the stage
 * `fetchBase`.
 * @throws AppError `BASE_MODEL_UNFIT` with every setting that does not fit, `BASE_MODEL_TOO_LARGE`,
 * `LANGUAGE_MODEL_UNFIT`; none is retryable
 */
export function checkTrainable(base: TrainableBase, uses: readonly BaseUse[]): void {
  if (uses.some(({ task }) => task === 'classifier')) checkExportable(base);
  if (uses.some(({ task }) => task === 'languageModel')) checkLanguageModel(base);
  const problems = uses.flatMap((use) => settingProblems(base, use));
  if (problems.length === 0) return;
  throw new AppError(
    'BASE_MODEL_UNFIT',
    `The base model ${base.name} does not allow these settings. ${problems.join(' ')}`,
    {
      details: { base: base.name, problems },
    },
  );
}

/**
 * The checks of `checkTrainable` for an inspected model, after checking its files and opening its tokenizer.
 * @throws AppError as `checkTrainable`, the problems of the inspection, `TOKENIZER_INVALID`
 */
export function checkInspected(inspection: ModelInspection, uses: readonly BaseUse[]): void {
  const problem = inspectionError(inspection);
  if (problem !== undefined) throw problem;
  const { path, network, languageModelProblems, sources } = inspection;
  const tokenizer = sources.tokenizer!;
  loadTokenizer(
    'path' in tokenizer ? readFileSync(tokenizer.path) : new TextEncoder().encode(tokenizer.content),
    {
      where: 'path' in tokenizer ? tokenizer.path : `the tokenizer of ${path}`,
    },
  );
  checkTrainable({ name: path, network: network!, languageModelProblems }, uses);
}

function settingProblems(
  { network }: TrainableBase,
  { key, task, maxLength, freezeLayers = 0, lora = null }: BaseUse,
): string[] {
  const problems: string[] = [];
  const { maxPositions } = network.size;
  if (maxLength !== undefined && maxLength > maxPositions)
    problems.push(
      `${task === 'encoder' ? key : `${key}.maxLength`} must be at most ${maxPositions}, the positions that the model has. Got ${maxLength} instead.`,
    );
  try {
    asConfigured(
      task === 'languageModel'
        ? causalLanguageModel(network)
        : sequenceClassifier(network, { classes: classCount }),
      {
        lora,
        freezeLayers,
      },
    );
  } catch (error) {
    problems.push(`In ${key}: ${toAppError(error).message}`);
  }
  return problems;
}

/** A classifier is written as one ONNX file that contains its weights, and protobuf is limited to 2 GiB. */
function checkExportable({ name, network }: TrainableBase): void {
  const bytes = exportBytes(sequenceClassifier(network, { classes: classCount }));
  if (bytes <= exportLimit) return;
  const gibibytes = (value: number): string => `${(value / 2 ** 30).toFixed(1)} GiB`;
  throw new AppError(
    'BASE_MODEL_TOO_LARGE',
    `The base model ${name} has ${(bytes / 4e9).toFixed(2)} billion parameters, ${gibibytes(bytes)} in float32. A classifier is written as one ONNX file, which must be under ${gibibytes(exportLimit)}. Choose a base model with at most ${(exportLimit / 4e9).toFixed(2)} billion parameters.`,
    { details: { base: name, parameters: Math.round(bytes / 4), bytes, limit: exportLimit } },
  );
}

function checkLanguageModel({ name, network, languageModelProblems: problems = [] }: TrainableBase): void {
  if (network.head.causal === undefined)
    throw new AppError(
      'LANGUAGE_MODEL_UNFIT',
      `The base model ${name} is a ${network.family}, which does not predict the next token. Choose a language model, such as a Llama-type one.`,
      { details: { base: name, family: network.family } },
    );
  if (problems.length > 0)
    throw new AppError(
      'LANGUAGE_MODEL_UNFIT',
      `The base model ${name} cannot be asked as a language model: ${problems.slice(0, 12).join(' ')} Use a model that was saved for generation.`,
      { details: { base: name, problems: [...problems] } },
    );
}
