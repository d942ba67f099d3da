import { expect, it } from 'vitest';
import { LengthTally } from './length-tally.ts';

function summaryOf(lengths: readonly number[]) {
  const tally = new LengthTally();
  for (const length of lengths) tally.add(length);
  return tally.summary();
}

it('is exact for short lengths', () => {
  const lengths = Array.from({ length: 1_000 }, (_, i) => i + 1);
  expect(summaryOf(lengths)).toEqual({
    n: 1_000,
    mean: 500.5,
    min: 1,
    median: 500,
    p90: 900,
    p99: 990,
    max: 1_000,
  });
  expect(summaryOf([])).toEqual({ n: 0, mean: 0, min: 0, median: 0, p90: 0, p99: 0, max: 0 });
});

it('rounds quantiles of long lengths down by at most 0.2 %', () => {
  for (const length of [1_023, 1_024, 1_025, 5_555, 123_457, 10_000_019]) {
    const { median, min, max } = summaryOf([length, length, length]);
    expect([min, max]).toEqual([length, length]);
    expect(median).toBeLessThanOrEqual(length);
    expect(median).toBeGreaterThanOrEqual(length * 0.998);
  }
});
