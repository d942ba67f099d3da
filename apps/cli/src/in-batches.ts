import { setTimeout as sleep } from 'node:timers/promises';

export interface BatchOptions {
  readonly size: number;
  /** A batch that is not full goes out when the next item takes longer than this. */
  readonly idleMs: number;
}

/** Groups what a stream gives: full batches while it is quick, smaller ones while it trickles. An error comes after what was read before it. */
export async function* inBatches<T>(items: AsyncIterable<T>, { size, idleMs }: BatchOptions): AsyncGenerator<T[]> {
  const iterator = items[Symbol.asyncIterator]();
  let batch: T[] = [];
  let next = iterator.next();
  try {
    for (;;) {
      const idle = new AbortController();
      const wait = batch.length > 0 ? sleep(idleMs, 'idle' as const, { signal: idle.signal }).catch(() => 'idle' as const) : undefined;
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
