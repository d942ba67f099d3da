/**
 * p-values after Holm's correction (1979): rejecting those of at most α keeps the chance of any false rejection at α, whatever the tests have to do with
 * each other. What is null was not tested, and counts for nothing.
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const order = ps.flatMap((p, i) => (p === null ? [] : [{ p, i }])).sort((a, b) => a.p - b.p || a.i - b.i);
  const adjusted: (number | null)[] = ps.map(() => null);
  let atLeast = 0;
  order.forEach(({ p, i }, rank) => {
    atLeast = Math.min(1, Math.max(atLeast, p * (order.length - rank)));
    adjusted[i] = atLeast;
  });
  return adjusted;
}
