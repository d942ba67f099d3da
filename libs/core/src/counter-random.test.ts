import { describe, expect, it } from 'vitest';
import { counterRandom, shuffled } from './index.ts';

const draws = 20_000;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('counterRandom', () => {
  it('is a pure function of seed, path and counter', () => {
    const a = counterRandom(7, 'shuffle', 3);
    const forwards = range(100).map((i) => a.uint32(i));
    const backwards = range(100)
      .reverse()
      .map((i) => counterRandom(7, 'shuffle', 3).uint32(i))
      .reverse();
    expect(backwards).toEqual(forwards);
  });

  it('draws the numbers of Philox 2×32-10, computed here with exact integers', () => {
    const [mask, key] = [0xffffffffn, BigInt(counterRandom(5, 'k').key)];
    for (const counter of [0, 1, 2 ** 31, 2 ** 32 + 5, 2 ** 52 + 12345]) {
      let [left, right, k] = [BigInt(counter) & mask, BigInt(counter) >> 32n, key];
      for (let round = 0; round < 10; round++) {
        const product = left * 0xd256d193n;
        [left, right, k] = [(product >> 32n) ^ k ^ right, product & mask, (k + 0x9e3779b9n) & mask];
      }
      expect(counterRandom(5, 'k').uint32(counter)).toBe(Number(left));
    }
  });

  it('gives unrelated streams to other seeds and paths', () => {
    const first = (seed: number, ...path: (string | number)[]): number =>
      counterRandom(seed, ...path).uint32(0);
    const values = [first(0), first(1), first(0, 'a'), first(0, 'b'), first(0, 'a', 1), first(0, 'a1')];
    expect(new Set(values).size).toBe(values.length);
  });

  it('is uniform and normal to within five standard errors', () => {
    const random = counterRandom(1, 'moments');
    const mean = (f: (i: number) => number): number => range(draws).reduce((sum, i) => sum + f(i), 0) / draws;
    expect(Math.abs(mean((i) => random.uniform(i)) - 0.5)).toBeLessThan(
      (5 * Math.sqrt(1 / 12)) / Math.sqrt(draws),
    );
    expect(Math.abs(mean((i) => random.normal(i)))).toBeLessThan(5 / Math.sqrt(draws));
    expect(Math.abs(mean((i) => random.normal(i) ** 2) - 1)).toBeLessThan(
      (5 * Math.SQRT2) / Math.sqrt(draws),
    );
  });

  it('has no serial correlation that a lag-1 test sees', () => {
    const random = counterRandom(2);
    const lagged =
      range(draws).reduce((sum, i) => sum + (random.uniform(i) - 0.5) * (random.uniform(i + 1) - 0.5), 0) /
      draws;
    expect(Math.abs(lagged)).toBeLessThan(5 / 12 / Math.sqrt(draws));
  });

  it('stays in range and reaches every value below a bound', () => {
    const random = counterRandom(3);
    expect(new Set(range(1000).map((i) => random.below(i, 7)))).toEqual(new Set(range(7)));
  });

  it('refuses a seed that is not a natural number', () => {
    expect(() => counterRandom(-1)).toThrow('A seed must be an integer from 0 to 2^53 - 1. Got -1 instead.');
  });
});

describe('shuffled', () => {
  it('permutes a copy, the same way for the same stream', () => {
    const items = range(50);
    const once = shuffled(items, counterRandom(4));
    expect(once).not.toEqual(items);
    expect([...once].sort((a, b) => a - b)).toEqual(items);
    expect(shuffled(items, counterRandom(4))).toEqual(once);
  });

  it('leaves each item in its place about once in n', () => {
    const kept = range(2000).filter((seed) => shuffled(range(10), counterRandom(seed))[0] === 0).length;
    expect(kept).toBeGreaterThan(130);
    expect(kept).toBeLessThan(270);
  });
});
