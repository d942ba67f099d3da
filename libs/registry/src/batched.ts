import { AppError } from '@overture/core';
import { setImmediate } from 'node:timers/promises';

/**
 * Joins calls into batches: what is asked for while a batch is on its way goes together in the next. A lone call waits for nothing;
 * a thousand at once take a few round trips. When a batch fails for the sake of one item, its items are tried one by one.
 * `run` gives one result per item, in order.
 */
export function batched<Item, Result>(run: (items: readonly Item[]) => Promise<readonly Result[]>, limit = 250): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running = false;

  const drain = async (): Promise<void> => {
    running = true;
    // Let those who ask in the same turn of the event loop join the first batch.
    await setImmediate();
    while (waiting.length > 0) await settle(waiting.splice(0, limit), run);
    running = false;
  };

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!running) void drain();
    });
}

interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

async function settle<Item, Result>(batch: readonly Waiting<Item, Result>[], run: (items: readonly Item[]) => Promise<readonly Result[]>): Promise<void> {
  try {
    const results = await run(batch.map(({ item }) => item));
    for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result);
  } catch (error) {
    const everybodys = error instanceof AppError && error.retryable;
    if (batch.length === 1 || everybodys) for (const { reject } of batch) reject(error);
    else for (const single of batch) await settle([single], run);
  }
}
