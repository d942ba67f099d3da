import type { JsonValue } from '@overture/core';
import type { RawConfig } from '../config-reader.ts';
import { byteLevelTokenizerJson } from '../byte-level-tokenizer.ts';
import { tokenizerJson } from './word-pieces/tokenizer-json.ts';

/**
 * Converts a `vocab.txt` with one piece per line to the tokenizer.json of a BERT or DistilBERT, as
 * transformers' converters do.
 * @param settings tokenizer_config.json, if there is one
 */
export function wordPieceTokenizer(vocabulary: string, settings: RawConfig = {}): Record<string, JsonValue> {
  const pieces = vocabulary.split(/\r\n|\n|\r/);
  if (pieces.at(-1) === '') pieces.pop();
  const flag = (key: string, otherwise: boolean): boolean =>
    typeof settings[key] === 'boolean' ? settings[key] : otherwise;
  const lowercase = flag('do_lower_case', true);
  const made = tokenizerJson(pieces) as Record<string, JsonValue> & {
    readonly added_tokens: readonly { readonly id: number }[];
    readonly normalizer: Record<string, JsonValue>;
  };
  return {
    ...made,
    added_tokens: made.added_tokens.filter(({ id }) => id >= 0).sort((a, b) => a.id - b.id) as JsonValue,
    normalizer: {
      ...made.normalizer,
      lowercase,
      handle_chinese_chars: flag('tokenize_chinese_chars', true),
      strip_accents: typeof settings['strip_accents'] === 'boolean' ? settings['strip_accents'] : null,
    },
  };
}

/**
 * Converts `vocab.json` and `merges.txt` to the tokenizer.json of a RoBERTa, as transformers' converters do.
 * @param settings tokenizer_config.json, if there is one
 */
export function robertaTokenizer(
  vocabulary: Readonly<Record<string, number>>,
  mergesText: string,
  settings: RawConfig = {},
): Record<string, JsonValue> {
  const merges = mergesText.split(/\r\n|\n|\r/).filter((line) => line !== '' && !line.startsWith('#version'));
  const addPrefixSpace = settings['add_prefix_space'] === true;
  const specials = ['<s>', '<pad>', '</s>', '<unk>', '<mask>'].filter((token) =>
    Object.hasOwn(vocabulary, token),
  );
  const made = byteLevelTokenizerJson({
    tokens: [],
    added: [],
    merges: merges.map((line) => line.split(' ', 2) as [string, string]),
    preTokenizer: {
      type: 'ByteLevel',
      add_prefix_space: addPrefixSpace,
      trim_offsets: true,
      use_regex: true,
    },
    postProcessor: {
      type: 'RobertaProcessing',
      sep: ['</s>', vocabulary['</s>']],
      cls: ['<s>', vocabulary['<s>']],
      trim_offsets: true,
      add_prefix_space: addPrefixSpace,
    },
  }) as Record<string, JsonValue> & { readonly model: Record<string, JsonValue> };
  return {
    ...made,
    added_tokens: specials
      .map((content) => ({
        id: vocabulary[content],
        content,
        single_word: false,
        lstrip: content === '<mask>',
        rstrip: false,
        normalized: false,
        special: true,
      }))
      .sort((a, b) => a.id - b.id),
    model: {
      ...made.model,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      vocab: vocabulary as Record<string, JsonValue>,
    },
  };
}
