/** How many tokens all sequences begin with alike, so that each keeps at least one of its own. */
export function commonBeginning(sequences: readonly (readonly number[])[]): number {
  const [first = []] = sequences;
  const most = sequences.reduce((least, { length }) => Math.min(least, length - 1), first.length - 1);
  let length = 0;
  while (length < most && sequences.every((tokens) => tokens[length] === first[length])) length++;
  return Math.max(0, length);
}
