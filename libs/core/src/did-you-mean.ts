const longestGiven = 200;

/**
 * Returns the end of an error message, such as ` Did you mean "fineTune"?`, if one of the names is close to
 * `given`; otherwise an empty string.
 */
export function didYouMean(given: string, names: Iterable<string>): string {
  // No misspelled name is that long, and the comparison takes quadratic time.
  if (given.length > longestGiven) return '';
  const wanted = given.toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance <= furthest(wanted, name) && (best === undefined || distance < best.distance))
      best = { name, distance };
  }
  return best === undefined || best.name === given ? '' : ` Did you mean ${JSON.stringify(best.name)}?`;
}

/**
 * The maximum edit distance: a third of the letters. A prefix of at least three letters always matches the
 * whole name.
 */
function furthest(given: string, name: string): number {
  if (given.length >= 3 && name.toLowerCase().startsWith(given)) return name.length - given.length;
  return Math.max(1, Math.floor(Math.max(given.length, name.length) / 3));
}

/**
 * The number of insertions, deletions, substitutions and transpositions of neighbors (optimal string
 * alignment).
 */
function editDistance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      rows[i]![j] = Math.min(
        rows[i - 1]![j]! + 1,
        rows[i]![j - 1]! + 1,
        rows[i - 1]![j - 1]! + (same ? 0 : 1),
        swapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      );
    }
  }
  return rows[a.length]![b.length]!;
}
