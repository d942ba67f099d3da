import { AppError, type RunId } from '@overture/core';
import { brokenConstraint } from './database-error.ts';

/** The error for a run that was never started. */
export function runUnknown(id: string, suggestion = ''): AppError {
  return new AppError(
    'RUN_UNKNOWN',
    `The registry has no run ${JSON.stringify(id.slice(0, 200))}.${suggestion} List the runs with: npx overture runs ls. (A program calls startRun first.)`,
    { details: { run: id } },
  );
}

/** Converts the error of a statement that refers to an unknown run; returns any other error unchanged. */
export function orRunUnknown(error: unknown, run: RunId | undefined): unknown {
  return run !== undefined && brokenConstraint(error)?.endsWith('_run_id_runs_id_fk')
    ? runUnknown(run)
    : error;
}
