import { AppError } from '@overture/core';

/** The meaning of each exit code. Stable: scripts depend on it. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  usage: 2,
  badInput: 3,
  notFound: 4,
  unavailable: 5,
  runFailed: 6,
  interrupted: 130,
} as const;

/** The exit codes as text for `--help`. */
export const exitCodeHelp = `
Exit codes: 0 done, 1 unexpected error (a bug), 2 wrong usage, 3 bad input, 4 no such run or model,
5 something needed is not reachable, 6 the run failed, 130 interrupted.`;

/** Exit codes by the prefix of an error code. The first matching row applies. */
const rows: readonly (readonly [prefix: string, code: number])[] = [
  ['INTERRUPTED', exitCodes.interrupted],
  ['UNEXPECTED', exitCodes.unexpected],
  ['UNREACHABLE', exitCodes.unexpected],
  ['USAGE', exitCodes.usage],
  ['RUN_UNKNOWN', exitCodes.notFound],
  ['MODEL_UNKNOWN', exitCodes.notFound],
  ['REGISTRY_SCHEMA', exitCodes.badInput],
  ['RUN_FAILED', exitCodes.runFailed],
  ['RUN_ABORTED', exitCodes.runFailed],
  ['STAGE_FAILED', exitCodes.runFailed],
  ['CORPUS_PULL_UNREACHABLE', exitCodes.unavailable],
  ...['STACK_', 'TEMPORAL_', 'POSTGRES_', 'REGISTRY_', 'DOWNLOAD_', 'SOURCES_EXHAUSTED', 'PIP_'].map(
    (prefix) => [prefix, exitCodes.unavailable] as const,
  ),
];

/** The exit code for an error: `unexpected` for anything but an AppError. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return exitCodes.unexpected;
  return (
    rows.find(([prefix]) => error.code.startsWith(prefix))?.[1] ??
    (error.retryable ? exitCodes.runFailed : exitCodes.badInput)
  );
}
