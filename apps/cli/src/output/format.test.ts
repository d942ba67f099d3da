import { describe, expect, it } from 'vitest';
import { score } from './format.ts';

describe('score', () => {
  it.each([
    [0.6153, '0.615'],
    [-0.108, '−0.108'],
    [-0.0001, '0.000'],
    [null, '–'],
    [undefined, '–'],
    [Number.NaN, '–'],
  ])('shows %s as %s', (value, text) => {
    expect(score(value)).toBe(text);
  });
});
