import { boundedError, boundedJson, errorLimits, shorten } from '@overture/core';
import { ApplicationFailure } from '@temporalio/common';

/**
 * Any thrown value as the failure that Temporal shows and retries by: the message as it is, the error's code as type,
 * retried only if the error says that trying again can help. A few kilobytes, whatever was thrown; causes stay in the worker's log.
 */
export function stageFailure(thrown: unknown): ApplicationFailure {
  const { message, code, details, retryable } = boundedError(thrown);
  if (!(thrown instanceof ApplicationFailure)) return ApplicationFailure.create({ message, type: code, nonRetryable: !retryable, details: [details] });
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
