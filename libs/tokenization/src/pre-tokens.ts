/** The split of a plain `ByteLevel` pre-tokenizer: GPT-2 and RoBERTa. */
const gpt2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** The splits of Llama 3 (numbers of up to three digits) and Qwen 2 (single digits). */
const splitters = ['{1,3}', ''].map(
  (digits) =>
    `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
);

/** Node 20, which the predictor's package supports, cannot parse `(?i:…)`. */
const [anyCase, bothCases] = [
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)",
  "(?:'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD]))",
];

/**
 * The pre-tokens of byte-level BPE as regular expressions. A pre-token that is encoded by itself is split as
 * it is in its text. Only `\s+(?!\S)` looks beyond its match, and text matched by a later `\s+` is one
 * pre-token either way. The ids of a text are therefore those of its pre-tokens.
 */
export const preTokens: {
  readonly gpt2: RegExp;
  /** By the pattern of a `Split` pre-tokenizer, as spelled in tokenizer.json. */
  readonly splitters: ReadonlyMap<string, RegExp>;
} = {
  gpt2,
  splitters: new Map(
    splitters.map((pattern) => [pattern, new RegExp(pattern.replace(anyCase, bothCases), 'gu')]),
  ),
};
