import { readFileSync } from 'node:fs';
import { loadTokenizer, type Tokenizer } from '../tokenizer.ts';

/** The bytes of the small WordPiece tokenizer.json that tools/reference/tokenizers.py made. */
export function referenceTokenizerJson(): Buffer {
  return readFileSync(new URL('../reference/tokenizer.json', import.meta.url));
}

export function referenceTokenizer(): Tokenizer {
  return loadTokenizer(referenceTokenizerJson());
}
