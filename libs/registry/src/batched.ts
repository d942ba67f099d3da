import { AppError } from '@overture/core';

/** Options of `batched`. */
export interface BatchedOptions {
  /** Maximum number of items in a batch. Default: 250. */
  readonly limit?: number;
  /** Maximum number of concurrent batches. Default: 1. */
  readonly atOnce?: number;
}

/** Options of one batched call. */
export interface ItemOptions {
  /**
   * How long the item may wait for others, in milliseconds. Default: 0, so that it joins only items that are
   * already waiting.
   */
  readonly withinMs?: number;
  /**
   * The number of items expected in its batch, including this one. The batch starts as soon as they are
   * waiting. Default: unknown.
   */
  readonly expected?: number;
}

/**
 * Combines calls into batches. Calls made while the maximum number of batches is running wait and form the
 * next batch. A lone call does not wait unless its options allow it; a thousand concurrent calls take a few
 * round trips. If one item makes a batch fail, its items are tried one by one. `run` returns one result per
 * item, in order.
 */
export function batched<Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  { limit = 250, atOnce = 1 }: BatchedOptions = {},
): (item: Item, options?: ItemOptions) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  let next: { readonly at: number; cancel(): void } | undefined;

  const drain = async (): Promise<void> => {
    next = undefined;
    running++;
    await settle(waiting.splice(0, limit), run);
    running--;
    arrange();
  };
  const arrange = (): void => {
    if (running >= atOnce || waiting.length === 0) return;
    const complete = waiting.length >= limit || waiting.some(({ expected }) => expected <= waiting.length);
    const at = complete ? 0 : waiting.reduce((soonest, { due }) => Math.min(soonest, due), Infinity);
    if (next !== undefined && next.at <= at) return;
    next?.cancel();
    next = { at, cancel: start(() => void drain(), at - performance.now()) };
  };

  return (item, { withinMs = 0, expected = Infinity } = {}) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({
        item,
        due: withinMs === 0 ? 0 : performance.now() + withinMs,
        expected,
        resolve,
        reject,
      });
      arrange();
    });
}

interface Waiting<Item, Result> {
  readonly item: Item;
  /** The latest start of its batch, on the clock of `performance`. */
  readonly due: number;
  readonly expected: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** `setImmediate`: calls made in the same turn of the event loop join the first batch. */
function start(work: () => void, inMs: number): () => void {
  if (inMs > 0) {
    const timer = setTimeout(work, inMs);
    return () => clearTimeout(timer);
  }
  const turn = setImmediate(work);
  return () => clearImmediate(turn);
}

async function settle<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<void> {
  try {
    const results = await run(batch.map(({ item }) => item));
    for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result);
  } catch (error) {
    const everybodys = error instanceof AppError && error.retryable;
    if (batch.length === 1 || everybodys) for (const { reject } of batch) reject(error);
    else for (const single of batch) await settle([single], run);
  }
}
