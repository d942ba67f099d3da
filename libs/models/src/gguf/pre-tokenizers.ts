import type { JsonValue } from '@overture/core';

const byteLevel = (useRegex: boolean): JsonValue => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const split = (pattern: string): JsonValue => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});

interface PreTokenizer {
  readonly preTokenizer: JsonValue;
  readonly ignoreMerges?: boolean;
  readonly normalizer?: JsonValue;
}

const llama3: PreTokenizer = {
  preTokenizer: {
    type: 'Sequence',
    pretokenizers: [
      split(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      ),
      byteLevel(false),
    ],
  },
  ignoreMerges: true,
};

/** Pre-tokenization by `tokenizer.ggml.pre`, as members of tokenizer.json. */
export const preTokenizers: Readonly<Record<string, PreTokenizer>> = {
  'gpt-2': { preTokenizer: byteLevel(true) },
  // each digit separately, then as GPT-2
  smollm: { preTokenizer: { type: 'Sequence', pretokenizers: [split('\\p{N}'), byteLevel(true)] } },
  'llama-bpe': llama3,
  // earlier names of llama-bpe
  llama3,
  'llama-v3': llama3,
};
