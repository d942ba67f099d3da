import type { Runtime } from '@overture/runtime';

/**
 * Bounds the size of a run's graph and activations. With MiniLM, 8 needed a quarter more memory and saved no
 * time.
 */
const mostSequencesPerPart = 4;

/**
 * Sequences per run of the training graph. On a CPU a batch is split into at least two parts, because parts
 * run in parallel. On a device with its own memory it stays whole.
 */
export function sequencesPerPart(
  batchSize: number,
  { separateMemory }: Partial<Pick<Runtime, 'separateMemory'>> = {},
): number {
  return separateMemory === true ? batchSize : Math.min(mostSequencesPerPart, Math.ceil(batchSize / 2));
}

/**
 * Splits a batch into as few parts as `perPart` allows, with about the same number of tokens in each. The
 * longest sequence comes first; each goes to the part with the fewest tokens that still has room (longest
 * processing time first, Graham 1969). The result depends only on the lengths.
 * @returns positions in the batch, ascending in each part
 */
export function cutBatch(lengths: readonly number[], perPart: number): number[][] {
  const parts = Array.from({ length: Math.ceil(lengths.length / perPart) }, () => ({
    places: [] as number[],
    tokens: 0,
  }));
  const longestFirst = lengths.map((_, place) => place).sort((a, b) => lengths[b] - lengths[a] || a - b);
  for (const place of longestFirst) {
    const open = parts.filter(({ places }) => places.length < perPart);
    const part = open.reduce((least, other) => (other.tokens < least.tokens ? other : least));
    part.places.push(place);
    part.tokens += lengths[place];
  }
  return parts.map(({ places }) => places.sort((a, b) => a - b));
}
