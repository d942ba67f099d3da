/** Runs of two or more letters, digits and underscores, in lower case: scikit-learn's `(?u)\b\w\w+\b`. */
const word = /[\p{L}\p{N}_]{2,}/gu;

/** Words and pairs of neighbouring words (joined by a space) of a text, repeats included. */
export function ngrams(text: string): string[] {
  const words = text.toLowerCase().match(word) ?? [];
  const pairs = words.slice(1).map((second, i) => `${words[i]} ${second}`);
  return [...words, ...pairs];
}
