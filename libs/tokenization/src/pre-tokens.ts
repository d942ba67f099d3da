/** Splits like `ByteLevel` by itself: GPT-2 and RoBERTa. */
const gpt2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** How Llama 3 (numbers of up to three digits) and Qwen 2 (single digits) split. */
const splitters = ['{1,3}', ''].map(
  (digits) => `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
);

/** Node 20, which the predictor's package supports, cannot read `(?i:…)`. */
const [anyCase, bothCases] = ["(?i:'s|'t|'re|'ve|'m|'ll|'d)", "(?:'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD]))"];

/**
 * The pre-tokens of byte-level BPE as regular expressions. Each pre-token, encoded by itself, is split the same way as in its text: only `\s+(?!\S)` looks
 * beyond its match, and what `\s+` matches after it is one pre-token either way. So the ids of a text are those of its pre-tokens.
 */
export const preTokens: {
  readonly gpt2: RegExp;
  /** By the pattern of a `Split` pre-tokenizer, as tokenizer.json spells it. */
  readonly splitters: ReadonlyMap<string, RegExp>;
} = { gpt2, splitters: new Map(splitters.map((pattern) => [pattern, new RegExp(pattern.replace(anyCase, bothCases), 'gu')])) };
