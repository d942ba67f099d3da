import { AppError } from '@overture/core';
import { poolings, type LoraOptions, type Pooling } from '@overture/models';
import type { ClassWeighting } from './class-weights.ts';
import { scheduleNames, type ScheduleName } from './learning-rate.ts';
import { lossTable, type LossName } from './losses/loss-table.ts';
import { optimizerTable, type OptimizerName } from './optimizers/optimizer-table.ts';
import { selectionMetrics, type SelectionMetric } from './selection.ts';

/** Everything that decides what a fine-tuning run computes. */
export interface FineTuneConfig {
  readonly epochs: number;
  /** The peak of the schedule. */
  readonly learningRate: number;
  /** What every layer's rate is of the one above it; below 1, what lies near the input changes less. */
  readonly layerDecay: number;
  /** The embeddings and this many layers above them stay as they come: no gradient, no backward pass. 0: everything is trained. With `lora`, layers above them get adapters. */
  readonly freezeLayers: number;
  /** How the head begins: from a linear probe on the network as it comes, or as the weights have it (random numbers of the seed where they have none). */
  readonly headStart: 'linearProbe' | 'asGiven';
  /** Sequences per optimizer step. */
  readonly batchSize: number;
  /** Tokens per sequence at most. */
  readonly maxLength: number;
  readonly classWeights: ClassWeighting;
  readonly loss: LossName;
  /** The share of a label that is spread over all classes; for the cross-entropy. */
  readonly labelSmoothing: number;
  /** How much less the focal loss minds what is already right; at least 1. */
  readonly focalGamma: number;
  readonly optimizer: OptimizerName;
  /** Of the optimizer sgd. */
  readonly momentum: number;
  readonly weightDecay: number;
  /** The share of all steps during which the learning rate rises. */
  readonly warmupRatio: number;
  /** How the learning rate goes on after it has risen. */
  readonly schedule: ScheduleName;
  /** The share of hidden states and attention probabilities that a step sets to zero, where transformers' models do (Llama: attention only); above frozen layers. 0: none. */
  readonly dropout: number;
  readonly maxGradNorm: number;
  /** Decay of the weights' exponential moving average, which is then what is validated and exported (0.99 remembers about 100 steps). 0: none. */
  readonly ema: number;
  readonly seed: number;
  readonly pooling: Pooling;
  /** Low-rank adapters on linear layers instead of changing every weight; null: every weight is trained. */
  readonly lora: LoraOptions | null;
  /** How training steps compute with frozen matrices: int8 is faster and not exact; validation and export have them in float32 either way. */
  readonly frozenWeights: 'float32' | 'int8';
  /** Whether batches hold sequences of similar length. Packed batches hold no padding either way; random ones mix early and late turns. */
  readonly lengthGrouped: boolean;
  readonly checkpointEverySteps: number;
  /** Threads of the numeric runtime. */
  readonly threads: number;
  /** What makes an epoch the best one, on the validation split. */
  readonly selectionMetric: SelectionMetric;
  /** Training stops after this many epochs without a better one; 0: never. */
  readonly patience: number;
}

/** The defaults of every key. */
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

const number = (must: string, holds: (x: number) => boolean): Rule => ({ must, holds: (value) => typeof value === 'number' && Number.isFinite(value) && holds(value) });
const integer = (least: number): Rule => ({ must: `be an integer of at least ${least}`, holds: (value) => Number.isSafeInteger(value) && (value as number) >= least });
const oneOf = (...choices: unknown[]): Rule => ({ must: `be ${choices.map((choice) => JSON.stringify(choice)).join(' or ')}`, holds: (value) => choices.includes(value) });
const positive = number('be a number over 0', (x) => x > 0);
const share = number('be a number from 0 to under 1', (x) => x >= 0 && x < 1);

/** One row per key. */
const rules: Readonly<Record<keyof FineTuneConfig, Rule>> = {
  epochs: integer(1),
  learningRate: positive,
  layerDecay: number('be a number over 0 and at most 1', (x) => x > 0 && x <= 1),
  freezeLayers: integer(0),
  headStart: oneOf('linearProbe', 'asGiven'),
  batchSize: integer(1),
  maxLength: integer(8),
  classWeights: { must: 'be "balanced", "effectiveNumber", "none", {"beta": number over 0 and under 1} or {"noInitiative": number over 0, "initiative": number over 0}', holds: isWeighting },
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
  lora: { must: 'be null or {"rank": integer of at least 1, "alpha": number over 0, "targets": "all-linear" or a list of names} and, if wanted, "dropout": number from 0 to under 1', holds: isLora },
  frozenWeights: oneOf('float32', 'int8'),
  lengthGrouped: oneOf(true, false),
  checkpointEverySteps: integer(1),
  threads: integer(1),
  selectionMetric: oneOf(...selectionMetrics),
  patience: integer(0),
};

/**
 * Checks a partial configuration and fills in the defaults; everything wrong is reported together.
 * @throws AppError `TRAINING_CONFIG_INVALID` naming each key, what it must be and what it is
 */
export function parseFineTuneConfig(partial: unknown = {}): FineTuneConfig {
  if (typeof partial !== 'object' || partial === null || Array.isArray(partial)) {
    throw new AppError('TRAINING_CONFIG_INVALID', `The training configuration must be an object. Got ${JSON.stringify(partial)} instead.`);
  }
  const given = Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined));
  const problems = Object.entries(given).flatMap(([key, value]) => {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof FineTuneConfig] : undefined;
    if (rule === undefined) return [`training.${key} is not a key; known are ${Object.keys(rules).join(', ')}.`];
    return rule.holds(value) ? [] : [`training.${key} must ${rule.must}. Got ${JSON.stringify(value)} instead.`];
  });
  const config: FineTuneConfig = { ...fineTuneDefaults, ...given };
  if (problems.length === 0) problems.push(...contradictionsIn(config));
  if (problems.length > 0) throw new AppError('TRAINING_CONFIG_INVALID', problems.join(' '), { details: { problems } });
  return config;
}

/** What is fine key by key and does not go together. */
function contradictionsIn({ loss, labelSmoothing, frozenWeights, lora }: FineTuneConfig): string[] {
  const problems: string[] = [];
  if (labelSmoothing !== 0 && !lossTable[loss].smooths) problems.push(`training.labelSmoothing must be 0 with the loss ${loss}, which knows no smoothing. Got ${labelSmoothing} instead.`);
  if (frozenWeights === 'int8' && lora === null) problems.push('training.frozenWeights must be "float32" without training.lora: adapters are what learns on frozen matrices. Got "int8" instead.');
  return problems;
}

function isLora(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  const { rank, alpha, targets, dropout = 0, ...rest } = value as Record<string, unknown>;
  const named = targets === 'all-linear' || (Array.isArray(targets) && targets.length > 0 && targets.every((target) => typeof target === 'string'));
  return integer(1).holds(rank) && positive.holds(alpha) && share.holds(dropout) && named && Object.keys(rest).length === 0;
}

function isWeighting(value: unknown): boolean {
  if (value === 'balanced' || value === 'effectiveNumber' || value === 'none') return true;
  if (typeof value !== 'object' || value === null) return false;
  const { noInitiative, initiative, beta, ...rest } = value as Record<string, unknown>;
  if (beta !== undefined) return positive.holds(beta) && (beta as number) < 1 && Object.keys(value).length === 1;
  return positive.holds(noInitiative) && positive.holds(initiative) && Object.keys(rest).length === 0;
}
