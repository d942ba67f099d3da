import type { JsonValue } from '@overture/core';

/** BERT's special tokens, in the order of their ids. */
export const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

/**
 * Creates the Hugging Face `tokenizer.json` of an uncased BERT. `pieces[i]` has id i; the special tokens come
 * first.
 */
export function tokenizerJson(pieces: readonly string[]): Record<string, JsonValue> {
  const id = (token: (typeof specialTokens)[number]): number => pieces.indexOf(token);
  const special = (token: '[CLS]' | '[SEP]', type = 0): JsonValue => ({
    SpecialToken: { id: token, type_id: type },
  });
  const sequence = (name: 'A' | 'B', type: number): JsonValue => ({ Sequence: { id: name, type_id: type } });
  const single = [special('[CLS]'), sequence('A', 0), special('[SEP]')];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content) => ({
      id: id(content),
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single,
      pair: [...single, sequence('B', 1), special('[SEP]', 1)],
      special_tokens: Object.fromEntries(
        (['[CLS]', '[SEP]'] as const).map((token) => [
          token,
          { id: token, ids: [id(token)], tokens: [token] },
        ]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(pieces.map((piece, i) => [piece, i])),
    },
  };
}
