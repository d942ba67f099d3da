import { toAppError } from '@overture/core';
import { setTimeout as sleep } from 'node:timers/promises';

/** For how long to wait for what is away. */
export interface Patience {
  /** Milliseconds after which the last error is thrown. */
  readonly forMs: number;
  readonly everyMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Tries again while the error says that this can help: a server may be starting, or away for a while. */
export async function patiently<T>(open: () => Promise<T>, { forMs, everyMs, now, signal }: Patience): Promise<T> {
  const giveUpAt = now() + forMs;
  for (;;) {
    try {
      return await open();
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!error.retryable || now() >= giveUpAt) throw error;
    }
    await sleep(everyMs, undefined, { signal });
  }
}
