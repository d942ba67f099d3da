/** The members of a tokenizer.json that name control tokens. */
export interface ControlTokenSources {
  readonly added: readonly { readonly content: string; readonly special?: boolean }[];
  readonly vocabulary: { has(token: string): boolean };
  readonly postProcessor?: unknown;
}

/** Conventional control tokens. Older files list them only in the vocabulary. */
const conventional = [
  '<s>',
  '</s>',
  '<pad>',
  '<unk>',
  '<mask>',
  '<bos>',
  '<eos>',
  '<cls>',
  '<sep>',
  '<|endoftext|>',
  '<|im_start|>',
  '<|im_end|>',
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
];

/**
 * Text that looks like markup, such as `<tool_call>` and `[INST]`. It counts as a control token even if
 * tokenizer.json does not mark it as special.
 */
const markup = /^(<.+>|\[.+\])$/u;

/**
 * Every token that must come from a template and never from user text. Depends only on tokenizer.json, so
 * that training and every reader of a bundle agree.
 */
export function controlTokens({ added, vocabulary, postProcessor }: ControlTokenSources): string[] {
  const declared = added
    .filter(({ content, special }) => special || markup.test(content))
    .map(({ content }) => content);
  const listed = conventional.filter((token) => vocabulary.has(token));
  return [...new Set([...declared, ...framingTokens(postProcessor), ...listed])].filter(
    (token) => token.trim() !== '',
  );
}

/**
 * A regular expression (flags `giu`) whose matches are replaced with a space, so that no text spells a
 * control token: `</s>` becomes `< /s>`. It matches the empty string after a token's first character. A token
 * of one character is itself replaced.
 */
export function controlPattern(tokens: readonly string[]): string {
  const alternatives = tokens.map((token) => {
    const [first = '', ...rest] = [...token].map(escaped);
    return rest.length === 0 ? first : `(?<=${first})(?=${rest.join('')})`;
  });
  return alternatives.length === 0 ? '(?!)' : alternatives.join('|');
}

/**
 * Matches (flags `iu`) exactly the texts in which `controlPattern` has a match. Much faster to search for,
 * because most texts have none.
 */
export function spellingPattern(tokens: readonly string[]): string {
  return tokens.length === 0 ? '(?!)' : tokens.map((token) => [...token].map(escaped).join('')).join('|');
}

/** Escapes all but letters and digits by code, which JavaScript and Python interpret alike. */
function escaped(character: string): string {
  if (/^[\p{L}\p{N}]$/u.test(character)) return character;
  return [...new Array(character.length).keys()]
    .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
    .join('');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/**
 * The tokens that a post-processor adds: `cls` and `sep`, or the `special_tokens` of a template, possibly in
 * a sequence.
 */
function framingTokens(processor: unknown): string[] {
  if (typeof processor !== 'object' || processor === null) return [];
  const { cls, sep, special_tokens: special, processors } = processor as Readonly<Record<string, unknown>>;
  const pairs = [cls, sep].flatMap((pair) =>
    Array.isArray(pair) && typeof pair[0] === 'string' ? [pair[0]] : [],
  );
  const templates = typeof special === 'object' && special !== null ? Object.keys(special) : [];
  return [...pairs, ...templates, ...listOf(processors).flatMap(framingTokens)];
}
