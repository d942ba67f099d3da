import { setTimeout as sleep } from 'node:timers/promises';

/** Batch size and timing of `inBatches`. */
export interface BatchOptions {
  readonly size: number;
  /** How long to wait for the next item before an incomplete batch is sent, in milliseconds. */
  readonly idleMs: number;
}

/**
 * Groups a stream's items: full batches while it is fast, smaller ones while it is slow. The items before an
 * error are returned before it is thrown.
 */
export async function* inBatches<T>(
  items: AsyncIterable<T>,
  { size, idleMs }: BatchOptions,
): AsyncGenerator<T[]> {
  const iterator = items[Symbol.asyncIterator]();
  let batch: T[] = [];
  let next = iterator.next();
  try {
    for (;;) {
      const idle = new AbortController();
      const wait =
        batch.length > 0
          ? sleep(idleMs, 'idle' as const, { signal: idle.signal }).catch(() => 'idle' as const)
          : undefined;
      const came = await Promise.race([next, ...(wait ? [wait] : [])]).finally(() => idle.abort());
      if (came === 'idle') {
        yield batch;
        batch = [];
        continue;
      }
      if (came.done) break;
      batch.push(came.value);
      next = iterator.next();
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  } finally {
    next.catch(() => undefined);
    await iterator.return?.();
  }
  if (batch.length > 0) yield batch;
}
