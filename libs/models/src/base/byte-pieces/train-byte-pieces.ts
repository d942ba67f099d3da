import { AppError } from '@overture/core';
import { PairQueue } from '../pair-queue.ts';
import { byteAlphabet, inByteAlphabet } from './byte-alphabet.ts';

/** A trained byte-level BPE vocabulary. */
export interface BytePieces {
  /** In the order of their ids: special tokens, bytes, merged pieces. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [left: string, right: string])[];
}

/** GPT-2's pre-tokenization pattern. */
const words = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Splits a text into words as GPT-2 does and adds them to the counts. */
export function countByteWords(text: string, counts: Map<string, number>): void {
  for (const [word] of text.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
}

/**
 * Trains a byte-level BPE vocabulary by merging the most frequent adjacent pieces (Sennrich et al. 2016).
 * Ties go to the lexicographically smaller pair, so equal counts produce equal vocabularies.
 * @param counts frequency of each word, from `countByteWords`
 * @param options.size total number of tokens; a small corpus can produce fewer
 * @throws AppError `VOCABULARY_TOO_SMALL`
 */
export function trainBytePieces(
  counts: ReadonlyMap<string, number>,
  { size, specialTokens }: { readonly size: number; readonly specialTokens: readonly string[] },
): BytePieces {
  const tokens = [...specialTokens, ...byteAlphabet];
  if (tokens.length > size)
    throw new AppError(
      'VOCABULARY_TOO_SMALL',
      `The vocabulary must have room for ${tokens.length} special tokens and bytes. Got a size of ${size} instead.`,
    );
  const known = new Set(tokens);
  const merges: [string, string][] = [];
  const queue = new PairQueue(
    [...counts].map(([word, count]) => ({ pieces: [...inByteAlphabet(word)], count })),
  );
  while (tokens.length < size) {
    const best = queue.takeBest();
    if (best === undefined) break;
    const merged = best.join('');
    if (!known.has(merged)) tokens.push(merged);
    known.add(merged);
    merges.push(best);
    queue.merge(...best, merged);
  }
  return { tokens, merges };
}
