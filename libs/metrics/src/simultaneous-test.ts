import { quantile } from './bootstrap.ts';
import type { Drawn, TestedDifference } from './paired-test.ts';

/**
 * The difference between one of many candidates and a common reference. Its interval and p hold for any
 * candidate that is picked, including the best one on these very data. On each resample, the largest
 * studentized deviation of all candidates replaces the candidate's own (single-step max-T; Westfall & Young
 * 1993, section 2.3; Romano & Wolf 2005). Candidates that never differ from the reference are left out.
 */
export function simultaneousDifference(
  chosen: Drawn,
  candidates: readonly Drawn[],
  other: Drawn,
): TestedDifference {
  const own = studentized(chosen, other);
  if (own === null) return { value: null, ci95: null, p: null };
  if (own.error === 0) return { value: own.value, ci95: own.value === 0 ? [0, 0] : null, p: 1 };
  const rivals = [chosen, ...candidates].flatMap((candidate) => {
    const rival = studentized(candidate, other);
    return rival === null || rival.error === 0 ? [] : [rival];
  });
  const largest = Float64Array.from(chosen.draws, (_, b) =>
    Math.max(...rivals.map(({ value, error, draws }) => Math.abs(draws[b] - value) / error)),
  );
  const reached = largest.filter((deviation) => deviation >= Math.abs(own.value) / own.error).length;
  const reach = own.error * quantile(largest.sort(), 0.95);
  return {
    value: own.value,
    ci95: [own.value - reach, own.value + reach],
    p: (1 + reached) / (largest.length + 1),
  };
}

/**
 * A difference with its draws and its standard error; null if a side is undefined, even on a single resample.
 */
function studentized(
  a: Drawn,
  b: Drawn,
): { readonly value: number; readonly error: number; readonly draws: Float64Array } | null {
  const draws = a.draws.map((draw, i) => draw - b.draws[i]);
  if (a.value === null || b.value === null || draws.some(Number.isNaN)) return null;
  return { value: a.value - b.value, error: deviation(draws), draws };
}

/** The standard deviation of a sample. */
export function deviation(values: ArrayLike<number>): number {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (all.length - 1));
}
