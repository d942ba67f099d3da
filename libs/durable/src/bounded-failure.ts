import { boundedError, boundedJson, errorLimits, shorten } from '@overture/core';
import { ApplicationFailure } from '@temporalio/common';

/** Size in bytes up to which a failure is sent unchanged, and the limits for the causes of a larger one. */
const limits = { whole: 6_000, causes: 3, causeMessage: 500 } as const;

/**
 * Limits the failure of a workflow to a few kilobytes, regardless of the worker's report. Temporal's limit is
 * 2 MB, and it retries a workflow task with a larger failure forever. Small failures are returned unchanged.
 */
export function boundedFailure(failure: ApplicationFailure): ApplicationFailure {
  if (sizeOf(failure, limits.causes + 3) <= limits.whole) return failure;
  const { type, nonRetryable, details, cause } = failure;
  const bounded = ApplicationFailure.create({
    message: boundedError(failure).message,
    type: type ? shorten(type, errorLimits.code) : undefined,
    nonRetryable: nonRetryable ?? false,
    details: (details ?? []).slice(0, 1).map((detail) => boundedJson(detail, errorLimits.details)),
    cause: boundedCause(cause, limits.causes),
  });
  bounded.stack = shorten(bounded.stack ?? '', limits.causeMessage);
  return bounded;
}

/**
 * The approximate size in bytes of an error with its causes. Infinite if there are more than `depth` causes,
 * as in a cycle, or if it cannot be written as JSON.
 */
function sizeOf(error: unknown, depth: number): number {
  if (error === undefined || error === null) return 0;
  if (depth === 0) return Infinity;
  try {
    const { message, stack, type, details, cause } = error as Partial<ApplicationFailure>;
    return [message, stack, type].reduce(
      (sum, text) => sum + String(text ?? '').length,
      JSON.stringify(details ?? []).length + sizeOf(cause, depth - 1),
    );
  } catch {
    return Infinity;
  }
}

function boundedCause(cause: unknown, depth: number): Error | undefined {
  if (depth === 0 || cause === undefined || cause === null) return undefined;
  const copy = ApplicationFailure.create({
    message: shorten(boundedError(cause).message, limits.causeMessage),
    type:
      cause instanceof Error
        ? shorten((cause instanceof ApplicationFailure && cause.type) || cause.name, errorLimits.code)
        : undefined,
    cause: boundedCause((cause as Partial<Error>).cause, depth - 1),
  });
  copy.stack = '';
  return copy;
}
