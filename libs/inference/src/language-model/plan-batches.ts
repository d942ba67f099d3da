/** Maximum size of a batch. */
export interface StepLimits {
  readonly sequences: number;
  /** Maximum tokens; a longer sequence is its own batch. */
  readonly tokens: number;
}

/**
 * Batches of sequences of similar length, longest first, so that memory problems occur at the start.
 * @param lengths number of tokens of each sequence
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
