import { describe, expect, it } from 'vitest';
import { splitWords } from './split-words.ts';
import { trainWordPieces } from './train-word-pieces.ts';

describe('splitWords', () => {
  it('splits as BERT does', () => {
    expect(splitWords("Don't  STOP\tthe\u0000 naïve 東京\u200b-tour$!")).toEqual([
      'don',
      "'",
      't',
      'stop',
      'the',
      'naive',
      '東',
      '京',
      '-',
      'tour',
      '$',
      '!',
    ]);
    expect(splitWords(' \n ')).toEqual([]);
  });
});

describe('trainWordPieces', () => {
  const specialTokens = ['[PAD]', '[UNK]'];

  it('merges the most frequent neighbors first, ties in order of their letters', () => {
    const counts = new Map([
      ['hug', 10],
      ['pug', 5],
      ['pun', 12],
      ['bun', 4],
      ['hugs', 5],
    ]);
    const pieces = trainWordPieces(counts, { vocabularySize: 100, specialTokens });
    const merges = pieces.slice(2 + 2 * new Set('hugpnbs').size);
    // By hand: ##u ##g 20 times, ##u ##n 16, h ##ug 15, p ##un 12; then hug ##s and p ##ug 5 each, b ##un 4.
    expect(merges).toEqual(['##ug', '##un', 'hug', 'pun', 'hugs', 'pug', 'bun']);
  });

  it('agrees with counting everything anew after each merge', () => {
    const counts = new Map<string, number>();
    const source =
      'she sells sea shells by the sea shore the shells she sells are sea shells for sure bananas ananas assassins';
    for (const word of source.split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1 + (word.length % 3));
    expect(trainWordPieces(counts, { vocabularySize: 90, specialTokens })).toEqual(
      slowly(counts, 90, specialTokens),
    );
  });

  it('leaves out the rarest characters, and the words that contain them', () => {
    const pieces = trainWordPieces(
      new Map([
        ['aa', 9],
        ['ab', 3],
        ['xy', 1],
      ]),
      { vocabularySize: 50, specialTokens, alphabetSize: 2 },
    );
    expect(pieces).toEqual(['[PAD]', '[UNK]', 'a', '##a', 'b', '##b', 'aa', 'ab']);
  });

  it('says what is wrong', () => {
    expect(() => trainWordPieces(new Map(), { vocabularySize: 50, specialTokens })).toThrow(
      'must be trained on at least one word',
    );
    expect(() => trainWordPieces(new Map([['ab', 1]]), { vocabularySize: 5, specialTokens })).toThrow(
      'must have room for 6 special tokens and characters. Got a size of 5 instead.',
    );
  });
});

/** The algorithm's definition, without the queue. */
function slowly(
  counts: ReadonlyMap<string, number>,
  size: number,
  specialTokens: readonly string[],
): string[] {
  const alphabet = [...new Set([...counts.keys()].join(''))].sort();
  const pieces = [...specialTokens, ...alphabet.flatMap((letter) => [letter, `##${letter}`])];
  const words = [...counts].map(([word, count]) => ({
    count,
    spelled: [...word].map((letter, i) => (i === 0 ? letter : `##${letter}`)),
  }));
  while (pieces.length < size) {
    const pairs = new Map<string, number>();
    for (const { count, spelled } of words) {
      for (let i = 1; i < spelled.length; i++)
        pairs.set(
          `${spelled[i - 1]}\u0000${spelled[i]}`,
          (pairs.get(`${spelled[i - 1]}\u0000${spelled[i]}`) ?? 0) + count,
        );
    }
    const [best] = [...pairs]
      .filter(([, count]) => count >= 2)
      .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    if (best === undefined) break;
    const [left = '', right = ''] = best[0].split('\u0000');
    const merged = left + right.slice(2);
    if (!pieces.includes(merged)) pieces.push(merged);
    for (const word of words) {
      for (let i = 0; i + 1 < word.spelled.length; i++)
        if (word.spelled[i] === left && word.spelled[i + 1] === right) word.spelled.splice(i, 2, merged);
    }
  }
  return pieces;
}
