/** A distribution of lengths. */
export interface LengthSummary {
  readonly n: number;
  readonly mean: number;
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Counts lengths in constant memory. Counts are exact below 1,024 and use steps of at most 1/512 of the
 * length above that, so that quantiles are rounded down by at most 0.2 %. Mean, minimum and maximum are
 * exact.
 */
export class LengthTally {
  readonly #counts = new Map<number, number>();
  #n = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  add(length: number): void {
    const bucket = bucketOf(length);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#n++;
    this.#sum += length;
    this.#min = Math.min(this.#min, length);
    this.#max = Math.max(this.#max, length);
  }

  /**
   * The distribution. The q-quantile is the smallest length that is not below a share q of all lengths. All
   * values are 0 if there are no lengths.
   */
  summary(): LengthSummary {
    if (this.#n === 0) return { n: 0, mean: 0, min: 0, median: 0, p90: 0, p99: 0, max: 0 };
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const quantile = (share: number): number => {
      let seen = 0;
      for (const [length, count] of sorted) {
        seen += count;
        if (seen >= share * this.#n) return length;
      }
      return this.#max;
    };
    return {
      n: this.#n,
      mean: this.#sum / this.#n,
      min: this.#min,
      median: quantile(0.5),
      p90: quantile(0.9),
      p99: quantile(0.99),
      max: this.#max,
    };
  }
}

const exactBelow = 1024;

function bucketOf(length: number): number {
  if (length < exactBelow) return length;
  const step = 2 ** (Math.floor(Math.log2(length)) - 9);
  return Math.floor(length / step) * step;
}
