import { AppError } from '@overture/core';
import { poolings, type LoraOptions, type Pooling } from '@overture/models';
import type { ClassWeighting } from './class-weights.ts';
import { scheduleNames, type ScheduleName } from './learning-rate.ts';
import { lossTable, type LossName } from './losses/loss-table.ts';
import { optimizerTable, type OptimizerName } from './optimizers/optimizer-table.ts';
import { selectionMetrics, type SelectionMetric } from './selection.ts';

/** All settings of a fine-tuning run. */
export interface FineTuneConfig {
  readonly epochs: number;
  /** Peak learning rate of the schedule. */
  readonly learningRate: number;
  /** Layer-wise learning-rate decay factor: each layer's rate relative to the layer above (1 = none). */
  readonly layerDecay: number;
  /**
   * Number of lowest layers that are frozen together with the embeddings: they get no gradient. 0: everything
   * is trained. With `lora`, the layers above get adapters.
   */
  readonly freezeLayers: number;
  /**
   * Initialization of the head: from a linear probe on the pretrained network, or from the weights (random by
   * the seed if they have no head).
   */
  readonly headStart: 'linearProbe' | 'asGiven';
  /** Sequences per optimizer step. */
  readonly batchSize: number;
  /** Maximum tokens per sequence. */
  readonly maxLength: number;
  readonly classWeights: ClassWeighting;
  readonly loss: LossName;
  /** Label smoothing ε of the cross-entropy: the probability mass spread over all classes. */
  readonly labelSmoothing: number;
  /** Focal-loss gamma; at least 1. */
  readonly focalGamma: number;
  readonly optimizer: OptimizerName;
  /** Momentum of the `sgd` optimizer. */
  readonly momentum: number;
  readonly weightDecay: number;
  /** Fraction of all steps used for warm-up of the learning rate. */
  readonly warmupRatio: number;
  /** Shape of the learning rate after warm-up. */
  readonly schedule: ScheduleName;
  /**
   * Dropout rate of hidden states and attention probabilities in the layers that are not frozen, at the same
   * places as in transformers (Llama: attention only). 0: none.
   */
  readonly dropout: number;
  readonly maxGradNorm: number;
  /**
   * Decay of the exponential moving average of the weights; the average is then validated and exported (0.99
   * averages about 100 steps). 0: no average.
   */
  readonly ema: number;
  readonly seed: number;
  readonly pooling: Pooling;
  /** Low-rank adapters on linear layers; null: all weights are trained. */
  readonly lora: LoraOptions | null;
  /**
   * Precision of frozen matrices in training steps. int8 is faster but inexact. Validation and export always
   * use float32.
   */
  readonly frozenWeights: 'float32' | 'int8';
  /**
   * Whether batches have sequences of similar length. Packed batches have no padding either way; random
   * batches mix early and late turns.
   */
  readonly lengthGrouped: boolean;
  readonly checkpointEverySteps: number;
  /** Threads of the numeric runtime. */
  readonly threads: number;
  /** Metric on the validation split that selects the best epoch. */
  readonly selectionMetric: SelectionMetric;
  /** Early stopping: number of epochs without improvement after which training stops. 0: never. */
  readonly patience: number;
}

/** Default values of all settings. */
export const fineTuneDefaults: FineTuneConfig = {
  epochs: 1,
  learningRate: 2e-5,
  layerDecay: 1,
  freezeLayers: 0,
  headStart: 'linearProbe',
  batchSize: 16,
  maxLength: 256,
  classWeights: 'balanced',
  loss: 'crossEntropy',
  labelSmoothing: 0,
  focalGamma: 2,
  optimizer: 'adamW',
  momentum: 0.9,
  weightDecay: 0.01,
  warmupRatio: 0.1,
  schedule: 'linear',
  dropout: 0,
  maxGradNorm: 1,
  ema: 0,
  seed: 0,
  pooling: 'mean',
  lora: null,
  frozenWeights: 'float32',
  lengthGrouped: false,
  checkpointEverySteps: 50,
  threads: 2,
  selectionMetric: 'macroF1',
  patience: 0,
};

interface Rule {
  readonly must: string;
  holds(value: unknown): boolean;
}

const number = (must: string, holds: (x: number) => boolean): Rule => ({
  must,
  holds: (value) => typeof value === 'number' && Number.isFinite(value) && holds(value),
});
const integer = (least: number): Rule => ({
  must: `be an integer of at least ${least}`,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= least,
});
const oneOf = (...choices: unknown[]): Rule => ({
  must: `be ${choices.map((choice) => JSON.stringify(choice)).join(' or ')}`,
  holds: (value) => choices.includes(value),
});
const positive = number('be a number over 0', (x) => x > 0);
const share = number('be a number from 0 to under 1', (x) => x >= 0 && x < 1);

/** Validation rule of each setting. */
const rules: Readonly<Record<keyof FineTuneConfig, Rule>> = {
  epochs: integer(1),
  learningRate: positive,
  layerDecay: number('be a number over 0 and at most 1', (x) => x > 0 && x <= 1),
  freezeLayers: integer(0),
  headStart: oneOf('linearProbe', 'asGiven'),
  batchSize: integer(1),
  maxLength: integer(8),
  classWeights: {
    must: 'be "balanced", "effectiveNumber", "none", {"beta": number over 0 and under 1} or {"noInitiative": number over 0, "initiative": number over 0}',
    holds: isWeighting,
  },
  loss: oneOf(...Object.keys(lossTable)),
  labelSmoothing: share,
  focalGamma: number('be a number of at least 1', (x) => x >= 1),
  optimizer: oneOf(...Object.keys(optimizerTable)),
  momentum: share,
  weightDecay: number('be a number of at least 0', (x) => x >= 0),
  warmupRatio: number('be a number from 0 to 1', (x) => x >= 0 && x <= 1),
  schedule: oneOf(...scheduleNames),
  dropout: share,
  maxGradNorm: positive,
  ema: share,
  seed: integer(0),
  pooling: oneOf(...poolings),
  lora: {
    must: 'be null or {"rank": integer of at least 1, "alpha": number over 0, "targets": "all-linear" or a list of names} and, if wanted, "dropout": number from 0 to under 1',
    holds: isLora,
  },
  frozenWeights: oneOf('float32', 'int8'),
  lengthGrouped: oneOf(true, false),
  checkpointEverySteps: integer(1),
  threads: integer(1),
  selectionMetric: oneOf(...selectionMetrics),
  patience: integer(0),
};

/**
 * Validates a partial configuration and fills in the defaults. All problems are reported in one error.
 * @throws AppError `TRAINING_CONFIG_INVALID` with each invalid key, its rule, and its value
 */
export function parseFineTuneConfig(partial: unknown = {}): FineTuneConfig {
  if (typeof partial !== 'object' || partial === null || Array.isArray(partial)) {
    throw new AppError(
      'TRAINING_CONFIG_INVALID',
      `The training configuration must be an object. Got ${JSON.stringify(partial)} instead.`,
    );
  }
  const given = Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined));
  const problems = Object.entries(given).flatMap(([key, value]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof FineTuneConfig] : undefined;
    if (rule === undefined)
      return [`training.${key} is not a key; known are ${Object.keys(rules).join(', ')}.`];
    return rule.holds(value)
      ? []
      : [`training.${key} must ${rule.must}. Got ${JSON.stringify(value)} instead.`];
  });
  const config: FineTuneConfig = { ...fineTuneDefaults, ...given };
  if (problems.length === 0) problems.push(...contradictionsIn(config));
  if (problems.length > 0)
    throw new AppError('TRAINING_CONFIG_INVALID', problems.join(' '), { details: { problems } });
  return config;
}

/** Finds settings that are valid on their own but contradict each other. */
function contradictionsIn({ loss, labelSmoothing, frozenWeights, lora }: FineTuneConfig): string[] {
  const problems: string[] = [];
  if (labelSmoothing !== 0 && !lossTable[loss].smooths)
    problems.push(
      `training.labelSmoothing must be 0 with the loss ${loss}, which knows no smoothing. Got ${labelSmoothing} instead.`,
    );
  if (frozenWeights === 'int8' && lora === null)
    problems.push(
      'training.frozenWeights must be "float32" without training.lora: adapters are what learns on frozen matrices. Got "int8" instead.',
    );
  return problems;
}

function isLora(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  const { rank, alpha, targets, dropout = 0, ...rest } = value as Record<string, unknown>;
  const named =
    targets === 'all-linear' ||
    (Array.isArray(targets) && targets.length > 0 && targets.every((target) => typeof target === 'string'));
  return (
    integer(1).holds(rank) &&
    positive.holds(alpha) &&
    share.holds(dropout) &&
    named &&
    Object.keys(rest).length === 0
  );
}

function isWeighting(value: unknown): boolean {
  if (value === 'balanced' || value === 'effectiveNumber' || value === 'none') return true;
  if (typeof value !== 'object' || value === null) return false;
  const { noInitiative, initiative, beta, ...rest } = value as Record<string, unknown>;
  if (beta !== undefined)
    return positive.holds(beta) && (beta as number) < 1 && Object.keys(value).length === 1;
  return positive.holds(noInitiative) && positive.holds(initiative) && Object.keys(rest).length === 0;
}
