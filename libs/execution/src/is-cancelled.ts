import { CancelledFailure } from '@temporalio/common';

/**
 * Whether a stage's signal was aborted because somebody cancelled the run, and not because its worker stops or lost the work: then nobody continues it, and there
 * is nothing to save.
 */
export function isCancelled(reason: unknown): boolean {
  return reason instanceof CancelledFailure && reason.message === 'CANCELLED';
}
