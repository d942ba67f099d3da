import { describe, expect, it } from 'vitest';
import { probeExamples, probeSize } from './probe-examples.ts';

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => 3 * i);

describe('probeExamples', () => {
  it('takes every example of a small split', () => {
    const examples = range(probeSize);
    expect(probeExamples(examples, { seed: 0 })).toBe(examples);
  });

  it('takes a fixed number of a large split: a random subset in order, the same for the same seed', () => {
    const examples = range(probeSize + 5000);
    const chosen = probeExamples(examples, { seed: 1 });
    expect(chosen).toHaveLength(probeSize);
    expect(new Set(chosen).size).toBe(probeSize);
    const wanted = new Set(chosen);
    expect(chosen).toEqual(examples.filter((example) => wanted.has(example)));
    expect(probeExamples(examples, { seed: 1 })).toEqual(chosen);
    expect(probeExamples(examples, { seed: 2 })).not.toEqual(chosen);
    // Each fifth of the split has about a fifth of the sample: within five standard errors.
    const fifth = chosen.filter((example) => example < 3 * 5000).length;
    expect(Math.abs(fifth - probeSize / 5)).toBeLessThan(5 * Math.sqrt(probeSize * 0.2 * 0.8));
  });

  it.each([
    [1, 1],
    [10, 1],
    [400, 20],
    [5000, 250],
  ])('keeps the share of a class of %i among 10,000 and at least one of it: %i of 500', (rare, kept) => {
    const examples = range(10_000);
    const stratumOf = (example: number): number => Number(example < 3 * rare);
    const chosen = probeExamples(examples, { seed: 0, stratumOf, limit: 500 });
    expect(chosen.filter((example) => stratumOf(example) === 1)).toHaveLength(kept);
    expect(Math.abs(chosen.length - 500)).toBeLessThanOrEqual(1);
  });
});
