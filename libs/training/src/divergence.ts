import { AppError } from '@overture/core';
import type { Tensor } from '@overture/tensors';
import type { FlatParameters, PlacedBlock } from './flat-parameters.ts';

const advice = 'The last good checkpoint is kept: lower training.learningRate or check the weights.';

/**
 * Creates the error for a loss or a gradient norm that is not finite.
 * @param first the first value that is not finite, if known
 */
export function lossDiverged(step: number, loss: number, first: string | undefined): AppError {
  const where = first === undefined ? '' : `, and the first value that is not finite is ${first}`;
  return new AppError(
    'TRAINING_DIVERGED',
    `The loss must stay finite. At step ${step} it is ${loss}${where}. ${advice}`,
    { details: { step, loss: String(loss), tensor: first } },
  );
}

/**
 * Checks parameters before a checkpoint is written: an update that overflowed shows only in the loss of the
 * next step.
 * @throws AppError `TRAINING_DIVERGED` if a parameter is NaN or at least 1e19 in magnitude
 */
export function refuseBrokenParameters(parameters: FlatParameters, step: number): void {
  const first = firstBroken(parameters, (block) => parameters.value(block));
  if (first !== undefined)
    throw new AppError(
      'TRAINING_DIVERGED',
      `Parameters must stay under 1e19, where float32 can square them. After step ${step} those of ${first} do not. ${advice}`,
      { details: { step, tensor: first } },
    );
}

/**
 * The first block whose gradient is NaN or at least 1e19 in magnitude, as `the gradient of NAME`; undefined
 * if there is none.
 */
export function firstBrokenGradient(parameters: FlatParameters): string | undefined {
  const name = firstBroken(parameters, (block) => parameters.gradient(block));
  return name && `the gradient of ${name}`;
}

function firstBroken(
  { blocks }: FlatParameters,
  tensorOf: (block: PlacedBlock) => Tensor,
): string | undefined {
  return blocks.find((block) => !isUsable(tensorOf(block).data as Float32Array))?.name;
}

function isUsable(values: Float32Array): boolean {
  // false for NaN too
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) < 1e19)) return false;
  return true;
}
