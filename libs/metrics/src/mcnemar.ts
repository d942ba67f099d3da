/** Examples on which two models differ, and how probable so uneven a division is if neither is better. */
export interface McNemar {
  /** Right where the other is wrong. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Exact, two-sided. */
  readonly p: number;
}

/**
 * McNemar's exact test (1947): a sign test on the examples that one of two models has right. It takes examples for independent;
 * where they come in conversations, the paired bootstrap is the one to trust.
 * @param first, second n decisions, 0 or 1
 */
export function mcnemar(labels: ArrayLike<number>, first: ArrayLike<number>, second: ArrayLike<number>): McNemar {
  let [onlyFirst, onlySecond] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (first[i] === second[i]) continue;
    if (first[i] === labels[i]) onlyFirst++;
    else onlySecond++;
  }
  return { onlyFirst, onlySecond, p: signTest(Math.min(onlyFirst, onlySecond), onlyFirst + onlySecond) };
}

/** Twice the probability of at most `fewer` heads in `n` throws of a fair coin; terms as logarithms, since 2^-n is 0 from n = 1,075 on. */
function signTest(fewer: number, n: number): number {
  let logTerm = -n * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= fewer; k++) {
    logTerm += Math.log((n - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
