import { describe, expect, it } from 'vitest';
import { broadcastDims, dimProduct, dimQuotient, dimSum, dimValue, normalAxis } from './dims.ts';

describe('lengths of axes', () => {
  it('spells equal products equally', () => {
    expect(dimProduct([2, 'rows', 3])).toBe('6*rows');
    expect(dimProduct(['b', 'a'])).toBe(dimProduct(['a', 'b']));
    expect(dimProduct([dimSum(['a', 'b']), 2])).toBe('2*(a+b)');
    expect(dimProduct(['rows', 0])).toBe(0);
  });

  it('divides where it comes out even', () => {
    expect(dimQuotient(dimProduct(['a', 'b', 6]), dimProduct(['b', 2]))).toBe('3*a');
    expect(dimQuotient(dimProduct(['(a+b)', 'c']), 'c')).toBe('(a+b)');
    expect(dimQuotient('a', 'b')).toBeUndefined();
    expect(dimQuotient(7, 2)).toBeUndefined();
  });

  it('adds and broadcasts', () => {
    expect([dimSum([1, 2]), dimSum(['a', 0]), dimSum(['b', 1, 'a'])]).toEqual([3, 'a', '(a+b+1)']);
    expect(broadcastDims(['n', 1, 3], ['m', 1])).toEqual(['n', 'm', 3]);
    expect(broadcastDims(['n'], ['m'])).toBeUndefined();
  });

  it('comes to a number when its names are known', () => {
    const lengths: Readonly<Record<string, number>> = { a: 3, b: 5, c: 2 };
    const valueOf = (dim: string | number): number => dimValue(dim, (name) => lengths[name]);
    expect(
      [
        7,
        'a',
        dimProduct([2, 'a', 'b']),
        dimSum(['a', 'b', 1]),
        dimProduct([dimSum(['a', 'b']), 'c', 3]),
      ].map(valueOf),
    ).toEqual([7, 3, 30, 9, 48]);
    expect(valueOf(dimSum([dimProduct(['a', dimSum(['b', 'c'])]), 1]))).toBe(22);
  });

  it('counts axes from either side', () => {
    expect(normalAxis(-1, 3)).toBe(2);
    expect(() => normalAxis(3, 3)).toThrow(
      'An axis of a tensor with 3 axes must be from -3 to 2. Got 3 instead.',
    );
  });
});
