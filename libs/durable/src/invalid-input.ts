import { AppError, boundedError } from '@overture/core';
import { ApplicationFailure } from '@temporalio/common';

/**
 * Runs a function that reads user input and converts its `AppError` to a failure of the workflow.
 * Unconverted, the error would fail the workflow task, which Temporal retries forever.
 * @throws ApplicationFailure of type `InvalidInput`, not retryable
 */
export function orInvalidInput<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const error = boundedError(thrown);
    throw ApplicationFailure.nonRetryable(error.message, 'InvalidInput', error.toJSON());
  }
}
