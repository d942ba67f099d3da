import { AppError } from '@overture/core';
import { peakBytes } from '@overture/graph';
import type { ParameterBlock } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import { elementCount } from '@overture/tensors';
import { examplesOfSplit, lengthsOf } from '@overture/tokenization';
import { sequencesPerPart } from './batch-parts.ts';
import type { FineTuneJob } from './fine-tune-job.ts';
import { slotsOf } from './gradient-step.ts';
import { laneCount } from './lanes.ts';
import { optimizerTable } from './optimizers/optimizer-table.ts';
import { dropoutRates } from './dropout/dropout-rates.ts';
import { sharedTokensOf } from './shared-tokens.ts';
import { taskTable } from './tasks/task-table.ts';
import { trainingGraph } from './training-graph.ts';

/** Node, the runtime's code and work space: measured with MiniLM, 190 to 260 MiB whatever the batch. */
const fixedBytes = 220 * 2 ** 20;

/** A thread's own Node and the work space of its session. */
const bytesPerLane = 40 * 2 ** 20;

const defaultActivationBytes = 4 * 2 ** 30;

/** A job, and where it runs. Default: on a processor. */
type PlacedJob = FineTuneJob & { readonly runtime?: Pick<Runtime, 'separateMemory'> };

/** Room for what a device's libraries keep in a process; not measured. */
const deviceBytes = 2 ** 30;

/**
 * What a fine-tuning process will take: parameters, gradients and moments, their average, the pretrained weights, the best epoch, frozen weights (as they
 * came and as the threads share them), and for every lane what its run of the graph keeps at once, masks of dropout, and the gradients it has for itself.
 * Frozen matrices in int8 are there upright and transposed: in the graph, and in every lane as they are read and as they are packed.
 * On a device runs keep what they make there, which is not estimated, and constants pass through this memory once.
 * @param batchSize sequences per step
 */
export function estimateMemory(job: PlacedJob, batchSize: number): number {
  const { config, model, tokens, runtime } = job;
  const sequences = sequencesPerPart(batchSize);
  const parts = Math.ceil(batchSize / sequences);
  const lanes = laneCount(config.threads, parts);
  const lengths = lengthsOf(tokens);
  const longest = examplesOfSplit(tokens, 'train').map((i) => lengths[i]).sort((a, b) => b - a).subarray(0, sequences);
  const shared = sharedTokensOf(job);
  const own = longest.map((length) => length - shared);
  const all = own.reduce((sum, length) => sum + length, shared);
  const lengthOf = (name: string): number => {
    if (!name.startsWith('length.')) return all;
    return name === 'length.beginning' ? shared : (own[Number(name.slice('length.'.length))] ?? 1);
  };
  const elementsOf = (blocks: readonly ParameterBlock[]): number => blocks.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const [trained, frozen, dense] = [elementsOf(model.parameters), elementsOf(model.frozen), elementsOf(model.parameters.filter(({ table }) => !table))];
  const copies = 2 + optimizerTable[config.optimizer].moments + Number(config.ema > 0) + 2;
  if (runtime?.separateMemory === true) return fixedBytes + deviceBytes + 4 * (copies * trained + 5 * frozen);
  const buffers = Math.min(parts - 1, slotsOf(lanes));
  const objective = taskTable[model.task].objective(job);
  const { graph, dropout } = trainingGraph(model, sequences, { objective, pooling: config.pooling, dropout: dropoutRates(config), beginning: shared > 0 });
  const counts = { tokens: all, sequences, scores: longest.reduce((sum, length) => sum + length ** 2, 0) };
  const matrices = config.frozenWeights === 'int8' ? elementsOf(model.frozen.filter(({ table, shape }) => !table && shape.length === 2)) : 0;
  const masked = dropout.reduce((sum, { of, width }) => sum + width * counts[of], 0);
  return fixedBytes + 4 * (copies * trained + 2 * frozen + buffers * dense) + (2 + 4 * lanes) * matrices + lanes * (bytesPerLane + 4 * masked + peakBytes(graph, lengthOf));
}

/** The memory that the activations of frozen layers may take: what is asked for, as far as training leaves it. */
export function activationBudget(options: PlacedJob & { readonly activationBytes?: number; readonly freeBytes?: number }): number {
  const { activationBytes = defaultActivationBytes, freeBytes, config } = options;
  return freeBytes === undefined ? activationBytes : Math.max(0, Math.min(activationBytes, freeBytes - estimateMemory(options, config.batchSize)));
}

/**
 * Refuses what does not fit, before it is allocated, and says what would.
 * @throws AppError `TRAINING_OUT_OF_MEMORY`
 */
export function checkMemory(job: PlacedJob, freeBytes: number): void {
  const { batchSize } = job.config;
  const needed = estimateMemory(job, batchSize);
  if (needed <= freeBytes) return;
  const fitting = [8, 4, 2, 1].find((fewer) => fewer < batchSize && estimateMemory(job, fewer) <= freeBytes);
  const advice = fitting === undefined ? 'Not even one sequence at a time would fit: choose a smaller base model or training.maxLength, or a machine with more memory.' : `training.batchSize ${fitting} would fit.`;
  throw new AppError('TRAINING_OUT_OF_MEMORY', `Training must fit in the ${inMiB(freeBytes)} that are free. It needs about ${inMiB(needed)} with ${batchSize} sequences per step. ${advice}`, {
    details: { needed, free: freeBytes, batchSize, fitting },
  });
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
