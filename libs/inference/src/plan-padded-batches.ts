/**
 * Groups sequences of similar length: batches of indices, longest first, each of at most `tokens` tokens with its padding
 * (or of one sequence that is longer by itself).
 * @param lengths tokens per sequence
 */
export function planPaddedBatches(lengths: readonly number[], tokens: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b);
  const batches: number[][] = [];
  for (const i of order) {
    const batch = batches.at(-1);
    const longest = batch?.[0] === undefined ? 0 : (lengths[batch[0]] as number);
    if (batch !== undefined && longest * (batch.length + 1) <= tokens) batch.push(i);
    else batches.push([i]);
  }
  return batches;
}
