import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson, digestOf, digestOfJson, isDigest, parseDigest, shortDigest } from './index.ts';

describe('digestOf', () => {
  it("agrees with Node's SHA-256 on strings and bytes of many lengths", () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
      const text = 'é'.repeat(length);
      const expected = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      expect(digestOf(text)).toBe(expected);
      expect(digestOf(new TextEncoder().encode(text))).toBe(expected);
    }
  });

  it('recognizes and shortens its own output, and nothing else', () => {
    const digest = digestOf('x');
    expect(isDigest(digest)).toBe(true);
    expect(parseDigest(digest)).toBe(digest);
    expect(shortDigest(digest)).toHaveLength(12);
    expect(() => parseDigest('sha256:XYZ')).toThrow(
      'A digest must be "sha256:" and 64 hexadecimal digits. Got "sha256:XYZ" instead.',
    );
  });
});

describe('canonicalJson', () => {
  it('spells equal values equally', () => {
    expect(canonicalJson({ b: [1, { d: 2, c: undefined }], a: 'é"' })).toBe('{"a":"é\\"","b":[1,{"d":2}]}');
    expect(digestOfJson({ a: 1, b: 2 })).toBe(digestOfJson({ b: 2, a: 1 }));
    expect(digestOfJson([1, 2])).not.toBe(digestOfJson([2, 1]));
  });

  it('reads back as the same value', () => {
    const value = { n: -0.1e-7, deep: [[], {}, null, true], unicode: '\u2028 \ud83d\ude00' };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
  });

  it.each([
    [{ a: [1, Number.NaN] }, '$.a[1] must be plain JSON data. Got NaN instead.'],
    [{ when: new Date(0) }, '$.when must be plain JSON data. Got an instance of Date instead.'],
    [[1n], '$[0] must be plain JSON data. Got bigint instead.'],
  ])('refuses what is not data: %o', (value, message) => {
    expect(() => canonicalJson(value)).toThrow(message);
  });
});
