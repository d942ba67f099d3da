import type { JsonValue } from '@overture/core';

/**
 * A byte-level BPE vocabulary (Radford et al. 2019). `tokens[i]` has id i and is written in the byte
 * alphabet.
 */
export interface ByteLevelVocabulary {
  readonly tokens: readonly string[];
  /** Highest priority first; neither piece is empty. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  /** Added tokens by id, which are matched literally in a text. */
  readonly added: readonly { readonly id: number; readonly special: boolean }[];
  readonly preTokenizer: JsonValue;
  /** Whether a word that is itself a token skips the merges. */
  readonly ignoreMerges?: boolean;
  readonly normalizer?: JsonValue;
  readonly postProcessor?: JsonValue;
  readonly paddingId?: number;
}

/** Creates the Hugging Face `tokenizer.json` of a byte-level BPE. */
export function byteLevelTokenizerJson({
  tokens,
  merges,
  added,
  preTokenizer,
  ignoreMerges = false,
  normalizer = null,
  postProcessor = bytesOnly,
  paddingId,
}: ByteLevelVocabulary): Record<string, JsonValue> {
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
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: postProcessor,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoreMerges,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([left, right]) => [left, right]),
    },
  };
}

/** A post-processor that adds no tokens. */
export const bytesOnly: JsonValue = {
  type: 'ByteLevel',
  add_prefix_space: true,
  trim_offsets: false,
  use_regex: true,
};
