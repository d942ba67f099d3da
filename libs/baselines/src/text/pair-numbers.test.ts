import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { pairNumbers } from './pair-numbers.ts';

describe('pairNumbers', () => {
  it('numbers pairs in order of first sight, as a map of their spellings would', () => {
    const [pairs, map, random] = [pairNumbers(), new Map<string, number>(), counterRandom(0, 'pairs')];
    for (let i = 0; i < 50_000; i++) {
      const [first, second] = [random.below(2 * i, 300), random.below(2 * i + 1, 2 ** 31 - 1) % 211];
      const key = `${first} ${second}`;
      expect(pairs.find(first, second)).toBe(map.get(key) ?? -1);
      if (!map.has(key)) map.set(key, map.size);
      if (pairs.numberOf(first, second) !== map.get(key)) expect.fail(`the pair ${key} must keep its number`);
    }
    expect(pairs.size()).toBe(map.size);
    for (const [key, number] of map) expect(pairs.pair(number).join(' ')).toBe(key);
  });

  it('tells a pair from the same two numbers the other way around, and finds 2^31 − 1', () => {
    const pairs = pairNumbers();
    expect([
      pairs.numberOf(1, 2),
      pairs.numberOf(2, 1),
      pairs.numberOf(2 ** 31 - 1, 0),
      pairs.numberOf(1, 2),
    ]).toEqual([0, 1, 2, 0]);
    expect(pairs.find(0, 2 ** 31 - 1)).toBe(-1);
  });
});
