import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { cutBatch, sequencesPerPart } from './batch-parts.ts';

const random = counterRandom(3, 'lengths');

describe('cutBatch', () => {
  it.each([1, 2, 7, 16, 33])('deals %i sequences out, each once and no part too large', (count) => {
    const lengths = Array.from({ length: count }, (_, i) => 5 + random.below(i, 250));
    const perPart = sequencesPerPart(count);
    const parts = cutBatch(lengths, perPart);
    expect(parts.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(perPart);
    expect(parts).toHaveLength(Math.ceil(count / perPart));
  });

  it('gives both parts of a batch about as many tokens', () => {
    const lengths = Array.from({ length: 16 }, (_, i) => 5 + random.below(100 + i, 250));
    const [one, other] = cutBatch(lengths, 8).map((places) =>
      places.reduce((sum, place) => sum + lengths[place], 0),
    );
    expect(Math.abs(one - other) / (one + other)).toBeLessThan(0.02);
  });

  it('has no part for no sequences', () => expect(cutBatch([], 8)).toEqual([]));
});
