import { describe, expect, it } from 'vitest';
import { linearSchedule } from './learning-rate.ts';

describe('linearSchedule', () => {
  it('rises from 0 to 1 during warm-up and falls to 0 at the end', () => {
    const factors = Array.from({ length: 11 }, (_, step) => linearSchedule(step, 2, 10));
    expect(factors.slice(0, 4)).toEqual([0, 0.5, 1, 0.875]);
    expect(factors.at(-1)).toBe(0);
  });

  it('starts at 1 without warm-up', () => {
    expect(linearSchedule(0, 0, 10)).toBe(1);
  });
});
