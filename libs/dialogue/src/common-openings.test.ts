import { describe, expect, it } from 'vitest';
import { OpeningCounts } from './common-openings.ts';

const counts = (...sizes: number[]): OpeningCounts => {
  const openings = new OpeningCounts();
  sizes.forEach((size, opening) => {
    for (let i = 0; i < size; i++) openings.add({ whole: 1_000 * opening + i, opening });
  });
  return openings;
};

describe('OpeningCounts', () => {
  it('tells copies from what a form or a menu wrote', () => {
    const copiesInSmall = counts(3, ...Array.from({ length: 17 }, () => 1));
    expect(copiesInSmall.isCommon(0)).toBe(false);
    const most = counts(6, 1, 1, 1);
    expect(most.isCommon(0)).toBe(true);
    const menu = counts(40, 40, 40, 40, ...Array.from({ length: 40 }, () => 1));
    expect([0, 1, 2, 3, 4].map((opening) => menu.isCommon(opening))).toEqual([true, true, true, true, false]);
    const resampled = counts(...Array.from({ length: 100 }, () => 50));
    expect(resampled.isCommon(0)).toBe(false);
  });

  it('identifies a conversation by its opening, or by all that is said where that does not tell', () => {
    const openings = counts(6, 1, 1);
    expect(openings.identityOf({ whole: 7, opening: 0 })).toBe(7);
    expect(openings.identityOf({ whole: 7, opening: 1 })).toBe(1);
    expect(openings.identityOf({ whole: 7 })).toBe(7);
  });
});
