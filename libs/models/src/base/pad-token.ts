import type { RawConfig } from '../config-reader.ts';

/** The padding token and where it is defined. */
export interface PadToken {
  readonly id: number;
  readonly token: string;
  /** Text for the user: `pad_token of tokenizer_config.json`. */
  readonly from: string;
}

/** The files of a model folder that can name special tokens. */
export interface TokenFiles {
  readonly tokenizer: TokenizerJson;
  readonly tokenizerConfig?: RawConfig;
  readonly specialTokensMap?: RawConfig;
  readonly config?: RawConfig;
  readonly generationConfig?: RawConfig;
}

/** The parts of a `tokenizer.json` that name tokens. */
export interface TokenizerJson {
  readonly model: {
    readonly type?: string;
    readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
  };
  readonly added_tokens?:
    readonly { readonly id: number; readonly content: string; readonly special?: boolean }[] | null;
  readonly padding?: { readonly pad_id?: number; readonly [member: string]: unknown } | null;
  readonly [member: string]: unknown;
}

/**
 * Chooses a model's padding token: one that a file names, otherwise a token with a usual name, otherwise the
 * end-of-text token. Attention masks padding, so any token would work, but transformers, transformers.js, and
 * Overture must use the same one.
 * @param rows number of embedding rows; a token beyond them cannot be looked up
 */
export function choosePadToken(files: TokenFiles, rows = Infinity): PadToken | undefined {
  const ids = tokenIds(files.tokenizer);
  const tokens = new Map(Array.from(ids, ([token, id]) => [id, token]));
  const named = (file: keyof TokenFiles, name: string): PadToken | undefined =>
    found(ids.get(contentOf(files[file]?.[name]) ?? ''), `${name} of ${fileNames[file]}`);
  const numbered = (file: keyof TokenFiles, name: string): PadToken | undefined =>
    found([files[file]?.[name]].flat()[0], `${name} of ${fileNames[file]}`);
  const usual = (...contents: readonly string[]): PadToken | undefined =>
    contents
      .map((content) => found(ids.get(content), `the token ${content} of tokenizer.json`))
      .find((pad) => pad !== undefined);
  const found = (id: unknown, from: string): PadToken | undefined =>
    typeof id === 'number' && id < rows && tokens.has(id) ? { id, token: tokens.get(id)!, from } : undefined;
  return (
    named('tokenizerConfig', 'pad_token') ??
    named('specialTokensMap', 'pad_token') ??
    found(files.tokenizer.padding?.pad_id, 'padding of tokenizer.json') ??
    usual('[PAD]', '<pad>') ??
    numbered('config', 'pad_token_id') ??
    numbered('generationConfig', 'pad_token_id') ??
    named('tokenizerConfig', 'eos_token') ??
    named('specialTokensMap', 'eos_token') ??
    numbered('config', 'eos_token_id') ??
    numbered('generationConfig', 'eos_token_id') ??
    usual('</s>', '<|endoftext|>', '<|end_of_text|>', '<|im_end|>')
  );
}

/**
 * Adds the padding token to the tokenizer.json, where every reader looks for it; undefined if it is already
 * there.
 */
export function withPadToken(tokenizer: TokenizerJson, pad: PadToken): TokenizerJson | undefined {
  const ids = tokenIds(tokenizer);
  if ((tokenizer.padding?.pad_id ?? ids.get('[PAD]') ?? ids.get('<pad>')) === pad.id) return undefined;
  return {
    ...tokenizer,
    padding: {
      strategy: 'BatchLongest',
      direction: 'Right',
      pad_to_multiple_of: null,
      pad_id: pad.id,
      pad_type_id: 0,
      pad_token: pad.token,
    },
  };
}

/** The ids of all tokens. */
export function tokenIds({ model, added_tokens: added }: TokenizerJson): Map<string, number> {
  const vocab = Array.isArray(model.vocab)
    ? model.vocab.map(([token]: readonly [string, number], id: number) => [token, id] as const)
    : Object.entries(model.vocab as Record<string, number>);
  return new Map([...vocab, ...(added ?? []).map(({ content, id }) => [content, id] as const)]);
}

/** The highest token id plus 1. */
export function vocabularySize(tokenizer: TokenizerJson): number {
  let size = 0;
  for (const id of tokenIds(tokenizer).values()) size = Math.max(size, id + 1);
  return size;
}

const fileNames: Readonly<Record<keyof TokenFiles, string>> = {
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  specialTokensMap: 'special_tokens_map.json',
  config: 'config.json',
  generationConfig: 'generation_config.json',
};

/** Reads a token that is a string or an object with its `content`. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  return typeof token === 'object' && token !== null && 'content' in token
    ? String(token.content)
    : undefined;
}
