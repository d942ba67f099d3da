import { toAppError, type AppError } from '@overture/core';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long and how often to retry while a service is unavailable. */
export interface RetryPolicy {
  /** Maximum waiting time in milliseconds; afterwards the last error is thrown. */
  readonly forMs: number;
  readonly everyMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Called on the first failure and then at most every 30 seconds. */
  readonly onFailure?: (error: AppError) => void;
}

const toldEveryMs = 30_000;

/**
 * Retries while the error is retryable, for example because a server is starting or temporarily unavailable.
 * @throws AppError: the last error, if it is not retryable or `forMs` has passed
 */
export async function retry<T>(
  open: () => Promise<T>,
  { forMs, everyMs, now, signal, onFailure }: RetryPolicy,
): Promise<T> {
  const giveUpAt = now() + forMs;
  let tellAt = -Infinity;
  for (;;) {
    try {
      return await open();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!error.retryable || now() >= giveUpAt) throw error;
      if (now() >= tellAt) {
        tellAt = now() + toldEveryMs;
        onFailure?.(error);
      }
    }
    await sleep(everyMs, undefined, { signal });
  }
}
