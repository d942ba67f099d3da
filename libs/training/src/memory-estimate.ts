import { AppError } from '@overture/core';
import { peakBytes } from '@overture/graph';
import { elementCount } from '@overture/tensors';
import { examplesOfSplit, lengthsOf } from '@overture/tokenization';
import type { FineTuneJob } from './fine-tune-job.ts';
import { sequencesPerRun } from './gradient-step.ts';
import { lossTable } from './losses/loss-table.ts';
import { classification } from './losses/objective.ts';
import { optimizerTable } from './optimizers/optimizer-table.ts';
import { trainingGraph } from './training-graph.ts';

/** Node, the runtime's code and work space: measured with MiniLM, 190 to 260 MiB whatever the batch. */
const fixedBytes = 250 * 2 ** 20;

const defaultActivationBytes = 4 * 2 ** 30;

/**
 * What a fine-tuning process will take: parameters, gradients and moments, their average, the pretrained weights, the best epoch, frozen weights (those
 * that several tensors make up a second time), and what the largest run of the graph keeps at once. Measured with MiniLM, 16 × 256 tokens: 1,577 MiB against 1,583 to 1,634 (without the weights and the best).
 * @param sequences of one run of the graph
 */
export function estimateMemory({ config, model, tokens }: FineTuneJob, sequences: number): number {
  const lengths = lengthsOf(tokens);
  const longest = examplesOfSplit(tokens, 'train').map((i) => lengths[i]).sort((a, b) => b - a).subarray(0, sequences);
  const all = longest.reduce((sum, length) => sum + length, 0);
  const lengthOf = (name: string): number => (name.startsWith('length.') ? (longest[Number(name.slice('length.'.length))] ?? 1) : all);
  const [trained, frozen, stacked] = [model.parameters, model.frozen, model.frozen.filter(({ parts }) => parts.length > 1)].map((blocks) => blocks.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  const copies = 2 + optimizerTable[config.optimizer].moments + Number(config.ema > 0) + 2;
  const { graph } = trainingGraph(model, sequences, classification(lossTable[config.loss].make(config)));
  return fixedBytes + 4 * (copies * trained + frozen + stacked) + peakBytes(graph, lengthOf);
}

/** The memory that the activations of frozen layers may take: what is asked for, as far as training leaves it. */
export function activationBudget(options: FineTuneJob & { readonly activationBytes?: number; readonly freeBytes?: number }): number {
  const { activationBytes = defaultActivationBytes, freeBytes, config } = options;
  return freeBytes === undefined ? activationBytes : Math.max(0, Math.min(activationBytes, freeBytes - estimateMemory(options, Math.min(config.batchSize, sequencesPerRun))));
}

/**
 * Refuses what does not fit, before it is allocated, and says what would.
 * @throws AppError `TRAINING_OUT_OF_MEMORY`
 */
export function checkMemory(job: FineTuneJob, freeBytes: number): void {
  const sequences = Math.min(job.config.batchSize, sequencesPerRun);
  const needed = estimateMemory(job, sequences);
  if (needed <= freeBytes) return;
  const fitting = [8, 4, 2, 1].find((fewer) => fewer < sequences && estimateMemory(job, fewer) <= freeBytes);
  const advice = fitting === undefined ? 'Not even one sequence at a time would fit: choose a smaller base model or training.maxLength, or a machine with more memory.' : `training.batchSize ${fitting} would fit.`;
  throw new AppError('TRAINING_OUT_OF_MEMORY', `Training must fit in the ${inMiB(freeBytes)} that are free. It needs about ${inMiB(needed)} with ${sequences} sequences at a time. ${advice}`, {
    details: { needed, free: freeBytes, batchSize: job.config.batchSize, fitting },
  });
}

function inMiB(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
