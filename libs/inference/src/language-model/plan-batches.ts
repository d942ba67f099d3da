/** How many sequences go together. */
export interface StepLimits {
  readonly sequences: number;
  /** Tokens at most; a longer sequence is a batch by itself. */
  readonly tokens: number;
}

/**
 * Batches of sequences of similar length, the longest first, so that what does not fit shows at the beginning.
 * @param lengths tokens of each
 * @returns indices
 */
export function batchesByLength(lengths: readonly number[], { sequences, tokens }: StepLimits): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: number[][] = [];
  let room = 0;
  for (const i of order) {
    const batch = batches.at(-1);
    if (batch === undefined || batch.length >= sequences || lengths[i]! > room) {
      batches.push([i]);
      room = tokens;
    } else {
      batch.push(i);
    }
    room -= lengths[i]!;
  }
  return batches;
}
