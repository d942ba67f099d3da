/** How a batch is filled. */
export interface BatchLimits {
  /** Tokens at most, padding included; a longer sequence is a batch by itself. 0: every sequence is. */
  readonly tokens: number;
  /** The share of a batch's longest sequence that its shortest has at least. */
  readonly similarity: number;
}

/**
 * Which of the waiting sequences go next: the one that waits longest, and those of similar length.
 * @param lengths tokens of each, in the order in which they came
 * @returns indices, ascending
 */
export function takeBatch(lengths: readonly number[], { tokens, similarity }: BatchLimits): number[] {
  const batch: number[] = [];
  let [shortest, longest] = [Infinity, 0];
  lengths.forEach((length, i) => {
    const [low, high] = [Math.min(shortest, length), Math.max(longest, length)];
    if (batch.length > 0 && (high * (batch.length + 1) > tokens || low < similarity * high)) return;
    batch.push(i);
    [shortest, longest] = [low, high];
  });
  return batch;
}
