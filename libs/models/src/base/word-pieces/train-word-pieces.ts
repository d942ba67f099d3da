import { AppError } from '@overture/core';
import { PairQueue, type SpelledWord } from '../pair-queue.ts';

/** Options of `trainWordPieces`. */
export interface TrainWordPiecesOptions {
  /** Total number of pieces, including special tokens. */
  readonly vocabularySize: number;
  /** Tokens with the lowest ids, in order. */
  readonly specialTokens: readonly string[];
  /**
   * Maximum number of single characters in the vocabulary; the rarest beyond that become unknown. Default
   * 500.
   */
  readonly alphabetSize?: number;
}

const prefix = '##';

/**
 * Trains a WordPiece vocabulary by merging the most frequent adjacent pieces (Sennrich et al. 2016; the
 * method of Hugging Face's WordPiece trainer). Ties go to the lexicographically smaller pair, so equal counts
 * produce equal vocabularies.
 * @param counts frequency of each word from `splitWords`
 * @returns the pieces, in the order of their ids
 * @throws AppError `VOCABULARY_TOO_SMALL`, `VOCABULARY_NO_TEXT`
 */
export function trainWordPieces(
  counts: ReadonlyMap<string, number>,
  options: TrainWordPiecesOptions,
): string[] {
  if (counts.size === 0)
    throw new AppError(
      'VOCABULARY_NO_TEXT',
      'A vocabulary must be trained on at least one word. Got no text instead.',
    );
  const alphabet = mostFrequentCharacters(counts, options.alphabetSize ?? 500);
  const pieces = [
    ...options.specialTokens,
    ...[...alphabet].sort(byCodeUnits).flatMap((character) => [character, prefix + character]),
  ];
  if (pieces.length > options.vocabularySize) {
    throw new AppError(
      'VOCABULARY_TOO_SMALL',
      `The vocabulary must have room for ${pieces.length} special tokens and characters. Got a size of ${options.vocabularySize} instead.`,
    );
  }
  const known = new Set(pieces);
  const words = spell(counts, alphabet);
  const queue = new PairQueue(words);
  while (pieces.length < options.vocabularySize) {
    const best = queue.takeBest();
    if (best === undefined) break;
    const [left, right] = best;
    const merged = left + right.slice(prefix.length);
    if (!known.has(merged)) {
      known.add(merged);
      pieces.push(merged);
    }
    queue.merge(left, right, merged);
  }
  return pieces;
}

function spell(counts: ReadonlyMap<string, number>, alphabet: ReadonlySet<string>): SpelledWord[] {
  const words: SpelledWord[] = [];
  for (const [word, count] of counts) {
    const characters = [...word];
    // A word with an unknown character, or a long one, is encoded as unknown, so it cannot contribute merges.
    if (characters.length > 100 || !characters.every((character) => alphabet.has(character))) continue;
    words.push({
      pieces: characters.map((character, i) => (i === 0 ? character : prefix + character)),
      count,
    });
  }
  return words;
}

function mostFrequentCharacters(counts: ReadonlyMap<string, number>, limit: number): Set<string> {
  const frequency = new Map<string, number>();
  for (const [word, count] of counts)
    for (const character of word) frequency.set(character, (frequency.get(character) ?? 0) + count);
  const ranked = [...frequency].sort(([a, countA], [b, countB]) => countB - countA || byCodeUnits(a, b));
  return new Set(ranked.slice(0, limit).map(([character]) => character));
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
