import { describe, expect, it } from 'vitest';
import { combinedPatch, mergePatch } from './merge-patch.ts';

describe('mergePatch', () => {
  // The examples of RFC 7396, appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j and %j is %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  it('treats names that every object inherits like any other key', () => {
    const patch = JSON.parse('{"__proto__": {"a": 1}, "constructor": {"b": 2}, "toString": "c"}') as Record<
      string,
      never
    >;
    const merged = mergePatch({ d: 4 }, patch) as object;
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(Object.keys(merged).sort()).toEqual(['__proto__', 'constructor', 'd', 'toString']);
    expect(Object.keys(combinedPatch({ d: 4 }, patch)!).sort()).toEqual([
      '__proto__',
      'constructor',
      'd',
      'toString',
    ]);
    expect(Object.keys({} as Record<string, unknown>)).toEqual([]);
  });

  it('leaves both arguments as they were', () => {
    const target = Object.freeze({ a: Object.freeze({ b: 1 }) });
    expect(mergePatch(target, Object.freeze({ a: Object.freeze({ c: 2 }) }))).toEqual({ a: { b: 1, c: 2 } });
    expect(target).toEqual({ a: { b: 1 } });
  });
});

describe('combinedPatch', () => {
  it('does what its two patches do one after the other', () => {
    const target = { a: { b: 1, c: 2 }, d: 3 };
    const [first, second] = [
      { a: { b: null }, d: 4 },
      { a: { b: 5, c: null }, e: [1] },
    ];
    expect(mergePatch(target, combinedPatch(first, second))).toEqual(
      mergePatch(mergePatch(target, first), second),
    );
    expect(combinedPatch(undefined, first)).toBe(first);
    expect(combinedPatch(first, undefined)).toBe(first);
  });
});
