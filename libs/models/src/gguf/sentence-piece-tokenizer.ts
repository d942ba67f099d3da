import type { JsonValue } from '@overture/core';

/** A SentencePiece BPE (Kudo and Richardson 2018, arXiv:1808.06226) as a GGUF file lists it. */
export interface SentencePieces {
  /** `tokens[i]` has id i; a space is written as ▁. */
  readonly tokens: readonly string[];
  /** The highest score is merged first. */
  readonly scores: readonly number[];
  readonly unknownId: number;
  /** Tokens that stand for themselves in a text; control tokens are special. */
  readonly added: readonly { readonly id: number; readonly special: boolean }[];
  /** Whether a text gets a space at its beginning. */
  readonly addSpacePrefix: boolean;
  readonly postProcessor: JsonValue;
  readonly paddingId?: number;
}

/** The Hugging Face `tokenizer.json` with the same ids, in the form that transformers gives Llama's. */
export function sentencePieceTokenizerJson({ tokens, scores, unknownId, added, addSpacePrefix, postProcessor, paddingId }: SentencePieces): Record<string, JsonValue> {
  const replaceSpaces: JsonValue = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const decoders: JsonValue[] = [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }];
  return {
    version: '1.0',
    truncation: null,
    padding: paddingId === undefined ? null : { strategy: 'BatchLongest', direction: 'Right', pad_to_multiple_of: null, pad_id: paddingId, pad_type_id: 0, pad_token: tokens[paddingId] },
    added_tokens: added.map(({ id, special }) => ({ id, content: tokens[id], special, single_word: false, lstrip: false, rstrip: false, normalized: false })),
    normalizer: { type: 'Sequence', normalizers: [...(addSpacePrefix ? [{ type: 'Prepend', prepend: '▁' }] : []), replaceSpaces] },
    pre_tokenizer: null,
    post_processor: postProcessor,
    decoder: { type: 'Sequence', decoders: addSpacePrefix ? [...decoders, { type: 'Strip', content: ' ', start: 1, stop: 0 }] : decoders },
    model: {
      type: 'BPE', dropout: null, unk_token: tokens[unknownId], continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(tokens, scores),
    },
  };
}

/** Every way to make a token of two others, by falling score of the token: what BPE merges first. */
function mergesOf(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const found: { readonly score: number; readonly left: string; readonly right: string }[] = [];
  for (const [id, token] of tokens.entries()) {
    for (let at = 1; at < token.length; at++) {
      const [left, right] = [token.slice(0, at), token.slice(at)];
      if (ids.has(left) && ids.has(right)) found.push({ score: scores[id]!, left, right });
    }
  }
  const order = ({ left, right }: { readonly left: string; readonly right: string }): number => ids.get(left)! * tokens.length + ids.get(right)!;
  return found.sort((a, b) => b.score - a.score || order(a) - order(b)).map(({ left, right }) => [left, right]);
}
