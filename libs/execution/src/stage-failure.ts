import { toAppError } from '@overture/core';
import { ApplicationFailure } from '@temporalio/common';

// Temporal keeps 4 KB of an activity's failure; the message comes first.
const maximumDetails = 1500;

/**
 * Any thrown value as the failure that Temporal shows and retries by: the message as it is, the error's code as type,
 * retried only if the error says that trying again can help.
 */
export function stageFailure(thrown: unknown): ApplicationFailure {
  if (thrown instanceof ApplicationFailure) return thrown;
  const { message, code, details, retryable } = toAppError(thrown);
  const fits = JSON.stringify(details).length <= maximumDetails;
  return ApplicationFailure.create({ message, type: code, nonRetryable: !retryable, details: fits ? [details] : [] });
}
