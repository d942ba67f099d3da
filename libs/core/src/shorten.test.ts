import { describe, expect, it } from 'vitest';
import { capList, listNames, quoted, shorten } from './index.ts';

const bytes = (text: string): number => Buffer.byteLength(text);

describe('shorten', () => {
  it('leaves a text that fits as it is', () => {
    expect(shorten('', 10)).toBe('');
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('ä'.repeat(5), 10)).toBe('äääää');
  });

  it('cuts at the end of a character and counts the rest', () => {
    expect(shorten('a'.repeat(1000), 40)).toBe(`${'a'.repeat(13)}… (987 more characters)`);
    for (const character of ['a', 'ä', '語', '😀']) {
      const text = shorten(character.repeat(10_000), 200);
      expect(bytes(text)).toBeLessThanOrEqual(200);
      expect(bytes(text)).toBeGreaterThan(160);
      const [, kept, more] = /^(.*)… \(([\d,]+) more characters\)$/u.exec(text) ?? [];
      expect(kept).toBe(character.repeat(kept!.length / character.length));
      expect(kept!.length + Number(more!.replaceAll(',', ''))).toBe(10_000 * character.length);
    }
  });

  it('replaces what UTF-8 cannot encode', () => {
    expect(shorten('a\ud800b', 100)).toBe('a\ufffdb');
    expect(shorten(`\udc00${'x'.repeat(1000)}`, 100)).toMatch(/^\ufffdx+…/);
  });
});

describe('quoted', () => {
  it('is JSON, shortened', () => {
    expect(quoted('a "b"')).toBe(String.raw`"a \"b\""`);
    expect(quoted('x'.repeat(100))).toMatch(/^"x+… \(\d+ more characters\)"$/);
  });
});

describe('capList', () => {
  it('keeps the first ones and says how many more there are', () => {
    expect(capList(['a.', 'b.'])).toEqual(['a.', 'b.']);
    expect(capList(['a.', 'b.', 'c.'], { most: 2 })).toEqual(['a.', 'b.', 'And 1 more.']);
    expect(capList(['a.'], { total: 8_000 })).toEqual(['a.', 'And 7,999 more.']);
  });

  it('keeps at least one, shortened', () => {
    const [first, second] = capList(['x'.repeat(5_000), 'y'.repeat(5_000)], { bytes: 1_000 });
    expect(bytes(first!)).toBeLessThanOrEqual(500);
    expect(first).toMatch(/^x+… \(4,\d\d\d more characters\)$/);
    expect(
      bytes(capList(Array<string>(100).fill('y'.repeat(5_000)), { bytes: 1_000 }).join(' ')),
    ).toBeLessThan(1_100);
    expect(second).toMatch(/^y+…/);
  });
});

describe('listNames', () => {
  it('names the first ones', () => {
    expect(listNames(['a', 'b'])).toBe('a, b');
    expect(listNames(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
    expect(listNames(['x'.repeat(5_000)]).length).toBeLessThan(110);
  });
});
