import { AppError } from '@overture/core';
import type { Tensor } from '@overture/tensors';
import type { FlatParameters, PlacedBlock } from './flat-parameters.ts';

const advice = 'The last good checkpoint is kept: lower training.learningRate or check the weights.';

/** The error of a loss that is no number any more. @param first the first value that is not finite, where one is known */
export function lossDiverged(step: number, loss: number, first: string | undefined): AppError {
  const where = first === undefined ? '' : `, and the first value that is not finite is ${first}`;
  return new AppError('TRAINING_DIVERGED', `The loss must stay finite. At step ${step} it is ${loss}${where}. ${advice}`, { details: { step, loss: String(loss), tensor: first } });
}

/**
 * A checkpoint must be worth going on from: what an update has blown up shows in the loss of the step after only.
 * @throws AppError `TRAINING_DIVERGED`
 */
export function refuseBrokenParameters(parameters: FlatParameters, step: number): void {
  const first = firstBroken(parameters, (block) => parameters.value(block));
  if (first !== undefined) throw new AppError('TRAINING_DIVERGED', `Parameters must stay under 1e19, where float32 can square them. After step ${step} those of ${first} do not. ${advice}`, { details: { step, tensor: first } });
}

/** The first block whose gradient is not finite. */
export function firstBrokenGradient(parameters: FlatParameters): string | undefined {
  const name = firstBroken(parameters, (block) => parameters.gradient(block));
  return name && `the gradient of ${name}`;
}

function firstBroken({ blocks }: FlatParameters, tensorOf: (block: PlacedBlock) => Tensor): string | undefined {
  return blocks.find((block) => !isUsable(tensorOf(block).data as Float32Array))?.name;
}

function isUsable(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) < 1e19)) return false; // NaN is not under anything
  return true;
}
