/** How a batch is filled. */
export interface BatchLimits {
  /**
   * Maximum tokens including padding; a longer sequence is its own batch. 0: every sequence is its own batch.
   */
  readonly tokens: number;
  /** Minimum length of a batch's shortest sequence, as a share of its longest. */
  readonly similarity: number;
}

/**
 * Chooses the queued sequences that run next: the oldest one, and those of similar length.
 * @param lengths number of tokens of each, in order of arrival
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
