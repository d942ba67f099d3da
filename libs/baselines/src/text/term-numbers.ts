/** Runs of two or more letters, digits and underscores, in lower case: scikit-learn's `(?u)\b\w\w+\b`. */
const word = /[\p{L}\p{N}_]{2,}/gu;
/** Two word numbers in one exact double. */
const most = 2 ** 26;

/** Numbers for words and for pairs of neighbouring words, so that no pair is ever spelt out to be looked up. */
export interface TermNumbers {
  /** How many terms have a number; numbers are given from 0 in order of first sight. */
  size(): number;
  /** The terms of a text, repeats included; unseen ones get a number. */
  learn(text: string): number[];
  /** The terms of a text that have a number, repeats included. */
  lookUp(text: string): number[];
  /** A term as text; the words of a pair are joined by a space. */
  spell(term: number): string;
}

export function termNumbers(): TermNumbers {
  const words = new Map<string, number>();
  const pairs = new Map<number, number>();
  /** Spelling of a word, or the two word terms of a pair. */
  const spellings: (string | readonly [number, number])[] = [];
  const numberOf = <Key>(terms: Map<Key, number>, key: Key, spelling: (typeof spellings)[number]): number => {
    const known = terms.get(key);
    if (known !== undefined) return known;
    terms.set(key, spellings.length);
    return spellings.push(spelling) - 1;
  };
  const wordsOf = (text: string): string[] => text.toLowerCase().match(word) ?? [];
  const spell = (term: number): string => {
    const spelling = spellings[term];
    return typeof spelling === 'string' ? spelling : spelling.map(spell).join(' ');
  };
  return {
    size: () => spellings.length,
    learn(text) {
      const found = wordsOf(text).map((spelling) => numberOf(words, spelling, spelling));
      const neighbours = found.slice(1).map((second, i) => numberOf(pairs, found[i] * most + second, [found[i], second]));
      return [...found, ...neighbours];
    },
    lookUp(text) {
      const found = wordsOf(text).map((spelling) => words.get(spelling) ?? -1);
      const neighbours = found.slice(1).map((second, i) => (found[i] < 0 || second < 0 ? -1 : (pairs.get(found[i] * most + second) ?? -1)));
      return [...found, ...neighbours].filter((term) => term >= 0);
    },
    spell,
  };
}
