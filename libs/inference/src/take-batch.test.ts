import { describe, expect, it } from 'vitest';
import { takeBatch } from './take-batch.ts';

const limits = { tokens: 20, similarity: 0.8 };

describe('takeBatch', () => {
  it('takes the first and what is as long, within the room', () => {
    expect(takeBatch([5, 9, 4, 3, 5, 5, 5], limits)).toEqual([0, 2, 4, 5]);
    expect(takeBatch([5, 6, 6, 6], limits)).toEqual([0, 1, 2]);
    expect(takeBatch([4, 5, 6], limits)).toEqual([0, 1]);
  });

  it('runs a long sequence alone, and every sequence when there is no room at all', () => {
    expect(takeBatch([50, 50, 1], limits)).toEqual([0]);
    expect(takeBatch([2, 2], { tokens: 0, similarity: 0 })).toEqual([0]);
    expect(takeBatch([], limits)).toEqual([]);
  });

  it('empties any queue, and never pads by more than the similarity allows', () => {
    let waiting = Array.from({ length: 500 }, (_, i) => 1 + ((i * 7919) % 300));
    while (waiting.length > 0) {
      const taken = takeBatch(waiting, { tokens: 256, similarity: 0.8 });
      const lengths = taken.map((i) => waiting[i]!);
      const longest = Math.max(...lengths);
      expect(taken[0]).toBe(0);
      expect(lengths.length === 1 || longest * lengths.length <= 256).toBe(true);
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(0.8 * longest);
      waiting = waiting.filter((_, i) => !taken.includes(i));
    }
  });
});
