import { CancelledFailure } from '@temporalio/common';

/**
 * Whether a stage's signal was aborted because a user canceled the run. In that case no other attempt
 * continues the work, so there is nothing to save. A worker that stops or loses its lease is different.
 */
export function isCancelled(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'CANCELLED';
}
