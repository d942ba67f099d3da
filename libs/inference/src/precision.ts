import { AppError } from '@overture/core';
import { hasSeparateMemory, type ExecutionProvider } from '@overture/runtime';

/** The number format in which a graph computes. `int8` requires an int8 graph. */
export type Precision = 'float32' | 'int8';

/**
 * Checks that the execution provider supports the precision.
 * @throws AppError `PRECISION_UNFIT`
 */
export function checkPrecision(precision: Precision, executionProvider: ExecutionProvider = 'cpu'): void {
  if (precision === 'float32' || !hasSeparateMemory(executionProvider)) return;
  throw new AppError(
    'PRECISION_UNFIT',
    `The precision on the execution provider ${executionProvider} must be float32: int8 is how processors multiply faster. Got ${JSON.stringify(precision)} instead.`,
  );
}
