import { runCanceled } from '@overture/execution';
import { CancelledFailure } from '@temporalio/common';

/**
 * The signal of a stage's attempt, from that of its activity. It distinguishes a canceled run from a worker
 * that stops and from an activity that the server has forgotten.
 */
export function attemptSignal(activity: AbortSignal): AbortSignal {
  const attempt = new AbortController();
  const abort = (): void => attempt.abort(isRunCanceled(activity.reason) ? runCanceled() : activity.reason);
  if (activity.aborted) abort();
  else activity.addEventListener('abort', abort, { once: true });
  return attempt.signal;
}

/** Temporal's name for a cancellation that was requested, rather than caused by the worker or the server. */
function isRunCanceled(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'CANCELLED';
}
