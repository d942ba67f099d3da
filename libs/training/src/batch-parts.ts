import type { Runtime } from '@overture/runtime';

/** Bounds the size of a run's graph and activations: with MiniLM, 8 take a quarter more memory and no less time. */
const mostSequencesPerPart = 4;

/** Sequences per run of the training graph: a batch is cut into two parts at least, because parts run side by side; on a device it stays whole. */
export function sequencesPerPart(batchSize: number, { separateMemory }: Partial<Pick<Runtime, 'separateMemory'>> = {}): number {
  return separateMemory === true ? batchSize : Math.min(mostSequencesPerPart, Math.ceil(batchSize / 2));
}

/**
 * Deals a batch into as few parts as `perPart` sequences allow, with about as many tokens in each: the longest first, each to the part
 * that has the fewest tokens and a place left (Graham 1969, longest processing time first). What comes out depends on the lengths only.
 * @returns places in the batch, ascending in each part
 */
export function cutBatch(lengths: readonly number[], perPart: number): number[][] {
  const parts = Array.from({ length: Math.ceil(lengths.length / perPart) }, () => ({ places: [] as number[], tokens: 0 }));
  const longestFirst = lengths.map((_, place) => place).sort((a, b) => lengths[b] - lengths[a] || a - b);
  for (const place of longestFirst) {
    const open = parts.filter(({ places }) => places.length < perPart);
    const part = open.reduce((least, other) => (other.tokens < least.tokens ? other : least));
    part.places.push(place);
    part.tokens += lengths[place];
  }
  return parts.map(({ places }) => places.sort((a, b) => a - b));
}
