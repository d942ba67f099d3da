import { AppError, counterRandom, shuffled } from '@overture/core';

/** The batch size, the seed and the epoch of a batch plan. */
export interface BatchPlanOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** 0-based; each epoch has its own order. */
  readonly epoch: number;
  /** Whether a batch contains examples of similar length; default true. */
  readonly lengthGrouped?: boolean;
}

/** Number of batches sorted together: enough to group lengths well, few enough to keep the order random. */
const batchesPerPool = 32;

/**
 * The batches of one epoch, as indices into `lengths`. Every example occurs once, in a random order that
 * depends only on seed and epoch. Length grouping shuffles the examples, sorts pools of 32 batches by length,
 * cuts each pool into batches, and shuffles these. A batch then has little padding, and the order is
 * independent of length. The last batch may be smaller.
 * @throws AppError `BATCH_SIZE_INVALID`
 */
export function planBatches(lengths: ArrayLike<number>, options: BatchPlanOptions): number[][] {
  const { batchSize, seed, epoch, lengthGrouped = true } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new AppError(
      'BATCH_SIZE_INVALID',
      `batchSize must be a whole number of at least 1. Got ${batchSize} instead.`,
      {
        details: { key: 'batchSize', received: batchSize },
      },
    );
  }
  const order = shuffled(
    Array.from({ length: lengths.length }, (_, i) => i),
    counterRandom(seed, 'examples', epoch),
  );
  if (!lengthGrouped) return chunks(order, batchSize);
  const pools = chunks(order, batchSize * batchesPerPool);
  const batches = pools.flatMap((pool) => chunks(byLength(pool, lengths), batchSize));
  return shuffled(batches, counterRandom(seed, 'batches', epoch));
}

/** Longest first; equal lengths keep their random order. */
function byLength(pool: readonly number[], lengths: ArrayLike<number>): number[] {
  return [...pool].sort((a, b) => (lengths[b] as number) - (lengths[a] as number));
}

function chunks(items: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
