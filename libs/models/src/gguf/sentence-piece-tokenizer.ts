import type { JsonValue } from '@overture/core';

/** A SentencePiece BPE vocabulary (Kudo and Richardson 2018, arXiv:1808.06226) as stored in a GGUF file. */
export interface SentencePieces {
  /** `tokens[i]` has id i; spaces are written as ▁. */
  readonly tokens: readonly string[];
  /** Tokens with higher scores are merged first. */
  readonly scores: readonly number[];
  readonly unknownId: number;
  /** Added tokens, which are matched literally in a text; control tokens are special. */
  readonly added: readonly { readonly id: number; readonly special: boolean }[];
  /** Whether a space is added at the beginning of a text. */
  readonly addSpacePrefix: boolean;
  readonly postProcessor: JsonValue;
  readonly paddingId?: number;
}

/**
 * Creates the Hugging Face `tokenizer.json` with the same ids, in the form that transformers uses for Llama.
 */
export function sentencePieceTokenizerJson({
  tokens,
  scores,
  unknownId,
  added,
  addSpacePrefix,
  postProcessor,
  paddingId,
}: SentencePieces): Record<string, JsonValue> {
  const replaceSpaces: JsonValue = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const decoders: JsonValue[] = [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ];
  return {
    version: '1.0',
    truncation: null,
    padding:
      paddingId === undefined
        ? null
        : {
            strategy: 'BatchLongest',
            direction: 'Right',
            pad_to_multiple_of: null,
            pad_id: paddingId,
            pad_type_id: 0,
            pad_token: tokens[paddingId],
          },
    added_tokens: added.map(({ id, special }) => ({
      id,
      content: tokens[id],
      special,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [...(addSpacePrefix ? [{ type: 'Prepend', prepend: '▁' }] : []), replaceSpaces],
    },
    pre_tokenizer: null,
    post_processor: postProcessor,
    decoder: {
      type: 'Sequence',
      decoders: addSpacePrefix ? [...decoders, { type: 'Strip', content: ' ', start: 1, stop: 0 }] : decoders,
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: tokens[unknownId],
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: mergesOf(tokens, scores),
    },
  };
}

/** All splits of a token into two other tokens, by descending score of the token: the order of BPE merges. */
function mergesOf(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const found: { readonly score: number; readonly left: string; readonly right: string }[] = [];
  for (const [id, token] of tokens.entries()) {
    for (let at = 1; at < token.length; at++) {
      const [left, right] = [token.slice(0, at), token.slice(at)];
      if (ids.has(left) && ids.has(right)) found.push({ score: scores[id]!, left, right });
    }
  }
  const order = ({ left, right }: { readonly left: string; readonly right: string }): number =>
    ids.get(left)! * tokens.length + ids.get(right)!;
  return found
    .sort((a, b) => b.score - a.score || order(a) - order(b))
    .map(({ left, right }) => [left, right]);
}
