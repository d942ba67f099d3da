import { AppError } from '@overture/core';
import { peakBytes } from '@overture/graph';
import type { ParameterBlock } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import { elementCount } from '@overture/tensors';
import { examplesOfSplit, lengthsOf } from '@overture/tokenization';
import { sequencesPerPart } from './batch-parts.ts';
import type { FineTuneJob } from './fine-tune-job.ts';
import { slotsOf } from './gradient-step.ts';
import { replicaCount } from './replicas.ts';
import { optimizerTable } from './optimizers/optimizer-table.ts';
import { dropoutRates } from './dropout/dropout-rates.ts';
import { prefixTokensOf } from './prefix-tokens.ts';
import { taskTable } from './tasks/task-table.ts';
import { trainingGraph } from './training-graph.ts';

/** Node, the runtime's code and its workspace: 190 to 260 MiB measured with MiniLM at any batch size. */
const fixedBytes = 220 * 2 ** 20;

/** Per additional thread: its Node isolate and its session's workspace. */
const bytesPerLane = 40 * 2 ** 20;

const defaultActivationBytes = 4 * 2 ** 30;

/** A job and its runtime. Default: on a CPU. */
type PlacedJob = FineTuneJob & { readonly runtime?: Pick<Runtime, 'separateMemory'> };

/** Allowance for a device's libraries in this process; not measured. */
const deviceBytes = 2 ** 30;

/**
 * Estimates the memory of a fine-tuning process in bytes: parameters, gradients, moments, their average,
 * the pretrained weights, and the best epoch. Frozen weights count twice: the original and a copy shared by
 * threads. Each parallel session adds its peak activations, dropout masks, and own gradients.
 * A frozen int8 matrix is stored normally and transposed: once in the graph, and twice in every session (as
 * read and as packed).
 * On a device, activations are in device memory and not estimated; constants pass through this memory once.
 * @param batchSize sequences per step
 */
export function estimateMemory(job: PlacedJob, batchSize: number): number {
  const { config, model, tokens, runtime } = job;
  const sequences = sequencesPerPart(batchSize);
  const parts = Math.ceil(batchSize / sequences);
  const replicas = replicaCount(config.threads, parts);
  const lengths = lengthsOf(tokens);
  const longest = examplesOfSplit(tokens, 'train')
    .map((i) => lengths[i])
    .sort((a, b) => b - a)
    .subarray(0, sequences);
  const shared = prefixTokensOf(job);
  const own = longest.map((length) => length - shared);
  const all = own.reduce((sum, length) => sum + length, shared);
  const lengthOf = (name: string): number => {
    if (!name.startsWith('length.')) return all;
    return name === 'length.beginning' ? shared : (own[Number(name.slice('length.'.length))] ?? 1);
  };
  const elementsOf = (blocks: readonly ParameterBlock[]): number =>
    blocks.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [trained, frozen, dense] = [
    elementsOf(model.parameters),
    elementsOf(model.frozen),
    elementsOf(model.parameters.filter(({ table }) => !table)),
  ];
  const copies = 2 + optimizerTable[config.optimizer].moments + Number(config.ema > 0) + 2;
  if (runtime?.separateMemory === true) return fixedBytes + deviceBytes + 4 * (copies * trained + 5 * frozen);
  const buffers = Math.min(parts - 1, slotsOf(replicas));
  const objective = taskTable[model.task].objective(job);
  const { graph, dropout } = trainingGraph(model, sequences, {
    objective,
    pooling: config.pooling,
    dropout: dropoutRates(config),
    beginning: shared > 0,
  });
  const counts = { tokens: all, sequences, scores: longest.reduce((sum, length) => sum + length ** 2, 0) };
  const matrices =
    config.frozenWeights === 'int8'
      ? elementsOf(model.frozen.filter(({ table, shape }) => !table && shape.length === 2))
      : 0;
  const masked = dropout.reduce((sum, { of, width }) => sum + width * counts[of], 0);
  return (
    fixedBytes +
    4 * (copies * trained + 2 * frozen + buffers * dense) +
    (2 + 4 * replicas) * matrices +
    replicas * (bytesPerLane + 4 * masked + peakBytes(graph, lengthOf))
  );
}

/**
 * Memory in bytes that activations of frozen layers may use: the requested amount, limited to what training
 * leaves free.
 */
export function activationBudget(
  options: PlacedJob & { readonly activationBytes?: number; readonly freeBytes?: number },
): number {
  const { activationBytes = defaultActivationBytes, freeBytes, config } = options;
  return freeBytes === undefined
    ? activationBytes
    : Math.max(0, Math.min(activationBytes, freeBytes - estimateMemory(options, config.batchSize)));
}

/**
 * Rejects a job that does not fit in memory, before allocation, and suggests a batch size that fits.
 * @throws AppError `TRAINING_OUT_OF_MEMORY`
 */
export function checkMemory(job: PlacedJob, freeBytes: number): void {
  const { batchSize } = job.config;
  const needed = estimateMemory(job, batchSize);
  if (needed <= freeBytes) return;
  const fitting = [8, 4, 2, 1].find((fewer) => fewer < batchSize && estimateMemory(job, fewer) <= freeBytes);
  const advice =
    fitting === undefined
      ? 'Not even one sequence at a time would fit: choose a smaller base model or training.maxLength, or a machine with more memory.'
      : `training.batchSize ${fitting} would fit.`;
  throw new AppError(
    'TRAINING_OUT_OF_MEMORY',
    `Training must fit in the ${inMiB(freeBytes)} that are free. It needs about ${inMiB(needed)} with ${batchSize} sequences per step. ${advice}`,
    {
      details: { needed, free: freeBytes, batchSize, fitting },
    },
  );
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
