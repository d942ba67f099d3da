import { pairNumbers } from './pair-numbers.ts';

/** Runs of two or more letters, digits and underscores, in lowercase: scikit-learn's `(?u)\b\w\w+\b`. */
const word = /[\p{L}\p{N}_]{2,}/gu;

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
  const words = new Map<string, number>();
  const spellings: string[] = [];
  const pairs = pairNumbers();
  const learnWord = (spelling: string): number => {
    const known = words.get(spelling);
    if (known !== undefined) return known;
    words.set(spelling, spellings.length);
    return spellings.push(detached(spelling)) - 1;
  };
  const findWord = (spelling: string): number => words.get(spelling) ?? -1;
  return {
    limit: () => 2 * Math.max(spellings.length, pairs.size()),
    learn: (text) => termsOf(text, learnWord, pairs.numberOf),
    lookUp: (text) => termsOf(text, findWord, pairs.find),
    spell: (term) => (term % 2 === 0 ? spellings[term / 2]! : pairs.pair((term - 1) / 2).map((each) => spellings[each]).join(' ')),
  };
}

/** The word terms, then the pair terms, without terms that have no number. */
function termsOf(text: string, wordOf: (spelling: string) => number, pairOf: (first: number, second: number) => number): Int32Array {
  const found = text.toLowerCase().match(word) ?? [];
  const terms = new Int32Array(2 * found.length);
  const numbers = found.map(wordOf);
  let count = 0;
  for (const number of numbers) if (number >= 0) terms[count++] = 2 * number;
  for (let i = 1; i < numbers.length; i++) {
    const [first, second] = [numbers[i - 1]!, numbers[i]!];
    const pair = first < 0 || second < 0 ? -1 : pairOf(first, second);
    if (pair >= 0) terms[count++] = 2 * pair + 1;
  }
  return terms.subarray(0, count);
}

/** A copy of a substring, because a substring would keep the whole text in memory. */
function detached(part: string): string {
  return Buffer.from(part).toString();
}
