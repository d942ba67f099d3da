import { AppError } from '@overture/core';

const code = 'RUN_CANCELLED';

/** The reason with which a stage's signal is aborted if a user canceled the run. */
export function runCanceled(): AppError {
  return new AppError(code, 'The run was canceled.');
}

/**
 * Whether a stage's signal was aborted because a user canceled the run. In that case no other attempt
 * continues the work, so there is nothing to save. A worker that stops or loses its lease is different.
 */
export function isCanceled(reason: unknown): boolean {
  return reason instanceof AppError && reason.code === code;
}
