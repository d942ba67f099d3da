import { toAppError, type AppError } from '@overture/core';
import { setTimeout as sleep } from 'node:timers/promises';

/** For how long to wait for what is away. */
export interface Patience {
  /** Milliseconds after which the last error is thrown. */
  readonly forMs: number;
  readonly everyMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Told of the first failure, and of one every half minute while there are more. */
  readonly onFailure?: (error: AppError) => void;
}

const toldEveryMs = 30_000;

/** Tries again while the error says that this can help: a server may be starting, or away for a while. */
export async function patiently<T>(open: () => Promise<T>, { forMs, everyMs, now, signal, onFailure }: Patience): Promise<T> {
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
