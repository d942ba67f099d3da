import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { wordNumbers } from './word-numbers.ts';

/**
 * Letters of several scripts, digits, and what is not part of words: marks, lone surrogates, emoji,
 * punctuation.
 */
const alphabet = [
  'a',
  'B',
  'ß',
  'İ',
  'é',
  'e\u0301',
  'я',
  '中',
  '٣',
  '½',
  '_',
  '0',
  '𝒳',
  '𐐀',
  '𠀀',
  '😀',
  '\ud835',
  '\udcb3',
  ' ',
  ' ',
  '-',
  "'",
  '\n',
  '\u0000',
];

describe('wordNumbers', () => {
  it('finds the words that the regular expression finds, and numbers them in order of first occurrence', () => {
    const [words, map, random] = [wordNumbers(), new Map<string, number>(), counterRandom(0, 'words')];
    let drawn = 0;
    for (let i = 0; i < 4000; i++) {
      const text = Array.from(
        { length: random.below(drawn++, 40) },
        () => alphabet[random.below(drawn++, alphabet.length)],
      ).join('');
      const spellings = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
      expect([...words.lookUp(text)]).toEqual(spellings.map((spelling) => map.get(spelling) ?? -1));
      for (const spelling of spellings) if (!map.has(spelling)) map.set(spelling, map.size);
      expect([...words.learn(text)]).toEqual(spellings.map((spelling) => map.get(spelling)));
    }
    expect(map.size).toBeGreaterThan(5000); // the table has grown several times
    expect(words.size()).toBe(map.size);
    for (const [spelling, number] of map)
      if (words.spell(number) !== spelling)
        expect.fail(`word ${number} must be ${spelling}, not ${words.spell(number)}`);
  });

  it('finds a word longer than all before, and no word in an empty text or one of single letters', () => {
    const words = wordNumbers();
    const long = 'x'.repeat(100_000);
    expect([...words.learn(`a ${long} ${long}x b`)]).toEqual([0, 1]);
    expect([
      words.spell(0) === long,
      words.spell(1).length,
      words.lookUp('').length,
      words.lookUp('a b c').length,
    ]).toEqual([true, 100_001, 0, 0]);
  });
});
