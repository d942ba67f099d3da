import { boundedError, boundedJson, errorLimits, shorten } from '@overture/core';
import { ApplicationFailure } from '@temporalio/common';

/**
 * Converts any thrown value to the failure that Temporal shows and uses for retries. It has the error's
 * message and, as its type, the error's code. It is retried only if the error is retryable. Its size is a few
 * kilobytes, regardless of the error; causes stay in the worker's log.
 */
export function stageFailure(thrown: unknown): ApplicationFailure {
  const { message, code, details, retryable } = boundedError(thrown);
  if (!(thrown instanceof ApplicationFailure))
    return ApplicationFailure.create({ message, type: code, nonRetryable: !retryable, details: [details] });
  const { type, nonRetryable, nextRetryDelay, category } = thrown;
  return ApplicationFailure.create({
    message,
    type: type ? shorten(type, errorLimits.code) : undefined,
    nonRetryable: nonRetryable ?? false,
    details: (thrown.details ?? []).slice(0, 1).map((detail) => boundedJson(detail, errorLimits.details)),
    ...(nextRetryDelay && { nextRetryDelay }),
    ...(category && { category }),
  });
}
