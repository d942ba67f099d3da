import { describe, expect, it } from 'vitest';
import { countText, intervalText, marginText, pText, scoreText, shareText } from './number-text.ts';

describe('numbers as text', () => {
  it('rounds to three decimals, with a true minus and no negative zero', () => {
    expect([0.61549, -0.2, -0.0001, 1].map(scoreText)).toEqual(['0.615', '−0.200', '0.000', '1.000']);
  });

  it('shows what does not exist as a dash', () => {
    expect([
      scoreText(null),
      intervalText(null),
      marginText({ value: null, ci95: null }),
      shareText(1, 0),
    ]).toEqual(['–', '–', '–', '–']);
  });

  it('signs margins, separates thousands, and writes shares', () => {
    expect([
      marginText({ value: 0.02, ci95: null }),
      marginText({ value: -0.02, ci95: null }),
      marginText({ value: 0, ci95: null }),
    ]).toEqual(['+0.020', '−0.020', '0.000']);
    expect([countText(2938), countText(1_234_567), countText(2.25)]).toEqual(['2,938', '1,234,567', '2.3']);
    expect(shareText(131, 352)).toBe('37.2 %');
    expect([shareText(1, 3290), shareText(0, 3290)]).toEqual(['under 0.1 %', '0.0 %']);
  });

  it('bounds small p-values', () => {
    expect([0.0002, 0.04321, 1, null].map(pText)).toEqual(['< 0.001', '0.043', '1.000', '–']);
  });
});
