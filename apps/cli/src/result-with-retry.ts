import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, type WorkflowHandle } from '@temporalio/client';
import { AppError } from '@overture/core';

/** Retry settings of `resultWithRetry`. */
export interface ResultWithRetryOptions {
  /** Called each time the server stops responding. */
  readonly onSilence: (note: string) => void;
  /** How long the server may be unavailable, and the pause before each retry; milliseconds. */
  readonly maxSilenceMs?: number;
  readonly pauseMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
}

/**
 * A run's result, even if its server is unavailable for a while because it restarts or the machine slept. The
 * run continues on the server.
 * @throws AppError `TEMPORAL_UNREACHABLE` if the server stays unavailable; the run's own failure
 */
export async function resultWithRetry<Result>(
  handle: Pick<WorkflowHandle, 'result' | 'workflowId'>,
  { onSilence, maxSilenceMs = 300_000, pauseMs = 1000, signal }: ResultWithRetryOptions,
): Promise<Result> {
  let silentSince: number | undefined;
  for (;;) {
    const askedAt = performance.now();
    try {
      return (await handle.result()) as Result;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ServiceError)) throw error;
      // The server held the call about as long as a healthy one does.
      const answered = performance.now() - askedAt > maxSilenceMs / 10;
      if (silentSince === undefined || answered) {
        silentSince = performance.now();
        onSilence(
          `Temporal does not answer (${reasonOf(error)}). Waiting for it. The run continues on the server.`,
        );
      }
      if (performance.now() - silentSince > maxSilenceMs) {
        throw new AppError(
          'TEMPORAL_UNREACHABLE',
          `The Temporal server of the run ${handle.workflowId} must answer within ${maxSilenceMs / 60_000} minutes. It did not: ${reasonOf(error)}. The run goes on there; "overture runs show ${handle.workflowId}" finds it again.`,
          { cause: error, retryable: true },
        );
      }
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

function reasonOf({ cause, message }: ServiceError): string {
  return cause instanceof Error ? cause.message : message;
}
