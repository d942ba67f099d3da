import { pairNumbers } from './pair-numbers.ts';
import { wordNumbers } from './word-numbers.ts';

/**
 * Numbers for words and for pairs of neighboring words. A pair is looked up without building its text. Words
 * have even numbers and pairs odd ones, each in order of first occurrence.
 */
export interface TermNumbers {
  /** All numbers are below this limit. */
  limit(): number;
  /** The terms of a text, including repeats; unknown terms get a number. */
  learn(text: string): Int32Array;
  /** The terms of a text that have a number, including repeats. */
  lookUp(text: string): Int32Array;
  /** A term as text; the words of a pair are joined by a space. */
  spell(term: number): string;
}

/** An empty term table. */
export function termNumbers(): TermNumbers {
  const words = wordNumbers();
  const pairs = pairNumbers();
  return {
    limit: () => 2 * Math.max(words.size(), pairs.size()),
    learn: (text) => termsOf(words.learn(text), pairs.numberOf),
    lookUp: (text) => termsOf(words.lookUp(text), pairs.find),
    spell: (term) =>
      term % 2 === 0
        ? words.spell(term / 2)
        : pairs
            .pair((term - 1) / 2)
            .map((each) => words.spell(each))
            .join(' '),
  };
}

/** The word terms, then the pair terms, without terms that have no number. */
function termsOf(words: Int32Array, pairOf: (first: number, second: number) => number): Int32Array {
  const terms = new Int32Array(2 * words.length);
  let count = 0;
  for (const word of words) if (word >= 0) terms[count++] = 2 * word;
  for (let i = 1; i < words.length; i++) {
    const [first, second] = [words[i - 1]!, words[i]!];
    const pair = first < 0 || second < 0 ? -1 : pairOf(first, second);
    if (pair >= 0) terms[count++] = 2 * pair + 1;
  }
  return terms.subarray(0, count);
}
