import { boundedError, boundedJson, errorLimits, shorten } from '@overture/core';
import { ApplicationFailure } from '@temporalio/common';

/** Bytes of a whole failure that is sent as it is, and what is kept of a larger one's causes. */
const limits = { whole: 6_000, causes: 3, causeMessage: 500 } as const;

/**
 * A failure as a workflow ends with it: a few kilobytes, whatever a worker reported. Temporal takes 2 MB, and repeats a workflow task whose
 * failure is larger for ever. A failure that is small enough keeps its causes as they are.
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

/** Roughly the bytes of an error with its causes; infinite where there are more than `depth` of these, as in a cycle, or where no JSON can be made of it. */
function sizeOf(error: unknown, depth: number): number {
  if (error === undefined || error === null) return 0;
  if (depth === 0) return Infinity;
  try {
    const { message, stack, type, details, cause } = error as Partial<ApplicationFailure>;
    return [message, stack, type].reduce((sum, text) => sum + String(text ?? '').length, JSON.stringify(details ?? []).length + sizeOf(cause, depth - 1));
  } catch {
    return Infinity;
  }
}

function boundedCause(cause: unknown, depth: number): Error | undefined {
  if (depth === 0 || cause === undefined || cause === null) return undefined;
  const copy = ApplicationFailure.create({
    message: shorten(boundedError(cause).message, limits.causeMessage),
    type: cause instanceof Error ? shorten((cause instanceof ApplicationFailure && cause.type) || cause.name, errorLimits.code) : undefined,
    cause: boundedCause((cause as Partial<Error>).cause, depth - 1),
  });
  copy.stack = '';
  return copy;
}
