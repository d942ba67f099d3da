import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import type { GgufValue } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { ggufTokenizerJson } from './gguf-tokenizer.ts';

// A SentencePiece BPE with byte tokens for characters outside the vocabulary, and SentencePiece's own ids:
// tools/reference/gguf_sentencepiece.py
interface Reference {
  readonly tokens: string[];
  readonly scores: number[];
  readonly types: number[];
  readonly cases: { readonly text: string; readonly ids: number[]; readonly decoded: string }[];
}
const { tokens, scores, types, cases } = JSON.parse(
  readFileSync(new URL('../reference/sentencepiece.json', import.meta.url), 'utf8'),
) as Reference;
const gguf = (changes: Readonly<Record<string, GgufValue>> = {}): { metadata: Map<string, GgufValue> } => ({
  metadata: new Map<string, GgufValue>(
    Object.entries({
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.pre': 'default',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.scores': scores,
      'tokenizer.ggml.token_type': types,
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
      'tokenizer.ggml.unknown_token_id': 0,
      ...changes,
    }),
  ),
});

describe('a SentencePiece tokenizer out of a GGUF file', () => {
  const tokenizer = new Tokenizer(ggufTokenizerJson(gguf(), 'x.gguf'), {});

  it.each(cases.map(({ text, ids, decoded }) => [text, ids, decoded] as const))(
    'encodes %j as SentencePiece does',
    (text, ids, decoded) => {
      expect(tokenizer.encode(text, { add_special_tokens: false }).ids).toEqual(ids);
      if (ids.length > 0)
        expect(
          tokenizer.decode(ids, { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
        ).toBe(decoded);
    },
  );

  it('puts the first token before a text, and the last one behind it only where the file asks for it', () => {
    const [plain] = [tokenizer.encode('Hello', { add_special_tokens: false }).ids];
    expect(tokenizer.encode('Hello').ids).toEqual([1, ...plain]);
    expect(
      new Tokenizer(
        ggufTokenizerJson(
          gguf({ 'tokenizer.ggml.add_eos_token': true, 'tokenizer.ggml.add_bos_token': false }),
          'x',
        ),
        {},
      ).encode('Hello').ids,
    ).toEqual([...plain, 2]);
  });

  it('is refused where scores or types are missing', () => {
    expect(() => ggufTokenizerJson(gguf({ 'tokenizer.ggml.scores': [1] }), 'x.gguf')).toThrow(
      `x.gguf must say a score and a type for each of its ${tokens.length} tokens. Got 1 and ${tokens.length} instead`,
    );
    expect(() => ggufTokenizerJson(gguf({ 'tokenizer.ggml.unknown_token_id': 9999 }), 'x.gguf')).toThrow(
      'must name special tokens among its',
    );
  });
});
