/**
 * p-values after Holm's correction (1979): if those of at most α are rejected, the probability of any false
 * rejection is at most α, however the tests depend on each other. Null means not tested, and is ignored.
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
