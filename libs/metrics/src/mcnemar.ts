/**
 * The examples on which two models differ, and the probability of such an uneven split if neither model is
 * better.
 */
export interface McNemar {
  /** Correct where the other model is wrong. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Exact, two-sided. */
  readonly p: number;
}

/**
 * McNemar's exact test (1947): a sign test on the examples that exactly one of two models gets right. It
 * assumes independent examples. If examples come in conversations, prefer the paired bootstrap.
 * @param first, second n decisions, 0 or 1
 */
export function mcnemar(
  labels: ArrayLike<number>,
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): McNemar {
  let [onlyFirst, onlySecond] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (first[i] === second[i]) continue;
    if (first[i] === labels[i]) onlyFirst++;
    else onlySecond++;
  }
  return { onlyFirst, onlySecond, p: signTest(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond) };
}

/**
 * Twice the probability of at most `fewer` heads in `n` tosses of a fair coin. Computed with logarithms,
 * since 2^-n is 0 from n = 1,075 on.
 */
function signTest(fewer: number, n: number): number {
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((n - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
