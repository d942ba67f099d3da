import { AppError, boundedError } from '@overture/core';
import { ApplicationFailure } from '@temporalio/common';

/**
 * Runs what reads a person's input. Its AppError becomes a failure of the workflow; as it stands it would fail the
 * workflow task, which Temporal repeats for ever.
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
