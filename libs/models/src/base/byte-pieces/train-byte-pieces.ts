import { AppError } from '@overture/core';
import { PairQueue } from '../pair-queue.ts';
import { byteAlphabet, inByteAlphabet } from './byte-alphabet.ts';

export interface BytePieces {
  /** In the order of their ids: special tokens, bytes, merged pieces. */
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [left: string, right: string])[];
}

/** How GPT-2 cuts a text before merging. */
const words = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Adds the words of a text, as GPT-2 cuts it, to their counts. */
export function countByteWords(text: string, counts: Map<string, number>): void {
  for (const [word] of text.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
}

/**
 * A byte-level BPE vocabulary, trained by merging the most frequent neighbouring pieces (Sennrich et al. 2016). Ties go to the
 * lexicographically smaller pair, so equal counts give equal vocabularies.
 * @param counts how often each word occurs, of `countByteWords`
 * @param size tokens in all; few words may give fewer
 * @throws AppError `VOCABULARY_TOO_SMALL`
 */
export function trainBytePieces(counts: ReadonlyMap<string, number>, { size, specialTokens }: { readonly size: number; readonly specialTokens: readonly string[] }): BytePieces {
  const tokens = [...specialTokens, ...byteAlphabet];
  if (tokens.length > size) throw new AppError('VOCABULARY_TOO_SMALL', `The vocabulary must have room for ${tokens.length} special tokens and bytes. Got a size of ${size} instead.`);
  const known = new Set(tokens);
  const merges: [string, string][] = [];
  const queue = new PairQueue([...counts].map(([word, count]) => ({ pieces: [...inByteAlphabet(word)], count })));
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
