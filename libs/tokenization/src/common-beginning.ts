/**
 * Length of the longest common prefix of all sequences, limited so that each keeps at least one token of its
 * own.
 */
export function commonBeginning(sequences: readonly ArrayLike<number>[]): number {
  const [first = []] = sequences;
  let shared = first.length;
  for (const tokens of sequences) {
    shared = Math.min(shared, tokens.length - 1);
    let same = 0;
    while (same < shared && tokens[same] === first[same]) same++;
    shared = same;
  }
  return Math.max(0, shared);
}
