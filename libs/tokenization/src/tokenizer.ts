import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { AppError } from '@overture/core';
import { cachedEncoder } from './cached-encoder.ts';
import { controlPattern, controlTokens, spellingPattern } from './plain-text.ts';

/** How a text is encoded. */
export interface EncodeTextOptions {
  /**
   * Add the special tokens that the model expects around a single text: [CLS] and [SEP] for BERT. Default
   * false.
   */
  readonly frame?: boolean;
  /** The text is the output of a template: special tokens in it become their ids. Default false. */
  readonly markup?: boolean;
}

/** Converts text to token ids exactly as the base model's own tokenizer does. */
export interface Tokenizer {
  /**
   * The ids of a text as a whole. Every spelling of a control token ("[SEP]", "</s>") is first broken by a
   * space, so no message can forge one (`plainText`). The ids equal those of the model's tokenizer for the
   * plain text, in any library.
   */
  encode(text: string, options?: EncodeTextOptions): number[];
  /**
   * The text with every spelling of a control token broken by a space: `< /s>`. Plain text stays unchanged.
   */
  plainText(text: string): string;
  /**
   * The regular expression behind `plainText` (flags `giu`, each match becomes a space), and the Unicode
   * normalization before it.
   */
  readonly plainTextRule: { readonly normalize?: 'NFKC'; readonly control: string };
  /**
   * The text of token ids without special tokens. Bytes that are not UTF-8, such as half a character, become
   * U+FFFD.
   */
  decode(ids: readonly number[]): string;
  /** Special tokens and their ids, such as `<|im_end|>`. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /** One more than the highest id. */
  readonly vocabSize: number;
  /** The special tokens that the model expects before and after a single text. */
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
  readonly padId: number;
  /** The token for text outside the vocabulary; absent if there is none. */
  readonly unknownId?: number;
}

interface Normalizer {
  readonly type?: string;
  readonly normalizers?: readonly Normalizer[];
}

/** Whether it replaces compatibility characters: "＜" becomes "<" and could spell a control token. */
function normalizesToNfkc(normalizer: Normalizer | null | undefined): boolean {
  return (
    ['NFKC', 'NFKD', 'Precompiled'].includes(normalizer?.type ?? '') ||
    (normalizer?.normalizers ?? []).some(normalizesToNfkc)
  );
}

interface TokenizerJson {
  readonly model: {
    readonly type?: string;
    readonly vocab?: unknown;
    readonly unk_token?: string | null;
    readonly unk_id?: number | null;
  };
  readonly added_tokens?: readonly {
    readonly id: number;
    readonly content: string;
    readonly special?: boolean;
  }[];
  readonly padding?: { readonly pad_id?: number } | null;
  readonly normalizer?: Normalizer | null;
  readonly pre_tokenizer?: { readonly type?: string } | null;
  readonly post_processor?: unknown;
  readonly [member: string]: unknown;
}

/**
 * Loads a tokenizer from the bytes of tokenizer.json and, if present, tokenizer_config.json. Truncation and
 * padding settings in these files are ignored: `encodeExample` truncates, and batches are not padded.
 * @param where the file's name, for messages
 * @throws AppError `TOKENIZER_INVALID`, `TOKENIZER_NO_PADDING`
 */
export function loadTokenizer(
  tokenizerJson: Uint8Array,
  options: { readonly config?: Uint8Array; readonly where?: string } = {},
): Tokenizer {
  const where = options.where ?? 'tokenizer.json';
  const definition = parseDefinition(tokenizerJson, where);
  const config = options.config
    ? (parseJson(options.config, `the configuration of ${where}`) as Record<string, unknown>)
    : {};
  try {
    return build(definition, config, where);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      'TOKENIZER_INVALID',
      `${where} must be a tokenizer of the Hugging Face format that @huggingface/tokenizers can run. It says: ${(error as Error).message}. Use another base model.`,
      {
        cause: error,
        details: { where },
      },
    );
  }
}

function build(definition: TokenizerJson, config: Record<string, unknown>, where: string): Tokenizer {
  const whole = new HuggingFaceTokenizer(definition, config);
  const control = controlTokens({
    added: definition.added_tokens ?? [],
    vocabulary: whole.get_vocab(true),
    postProcessor: definition.post_processor,
  });
  const rule = {
    ...(normalizesToNfkc(definition.normalizer) && { normalize: 'NFKC' as const }),
    control: controlPattern(control),
  };
  const [broken, spelled] = [new RegExp(rule.control, 'giu'), new RegExp(spellingPattern(control), 'iu')];
  const plainText = (text: string): string => {
    const normalized = rule.normalize === undefined ? text : text.normalize(rule.normalize);
    return spelled.test(normalized) ? normalized.replace(broken, ' ') : normalized;
  };
  const encodeMarkup = (text: string): number[] => whole.encode(text, { add_special_tokens: false }).ids;
  const encodePlain = cachedEncoder(definition, { encode: encodeMarkup, control });
  const probe: readonly number[] = whole.encode('a', { add_special_tokens: false }).ids;
  const framed: readonly number[] = whole.encode('a').ids;
  const at = framed.findIndex((_, i) => probe.every((id, j) => framed[i + j] === id));
  const specialTokens = new Map(
    (definition.added_tokens ?? []).filter(({ special }) => special).map(({ content, id }) => [content, id]),
  );
  const specialIds = new Set(specialTokens.values());
  let vocabSize = 0;
  for (const id of whole.get_vocab(true).values()) vocabSize = Math.max(vocabSize, id + 1);
  const [prefix, suffix] = [framed.slice(0, at), framed.slice(at + probe.length)];
  return {
    encode: (text, { frame = false, markup = false } = {}) => {
      if (markup) return frame ? whole.encode(text).ids : encodeMarkup(text);
      const ids = frame ? [...prefix] : [];
      encodePlain(plainText(text), ids);
      if (frame) ids.push(...suffix);
      return ids;
    },
    plainText,
    plainTextRule: rule,
    decode: (ids) => {
      // The library skips only tokens that it considers special.
      const shown = ids.filter((id) => !specialIds.has(id));
      return shown.length === 0
        ? ''
        : whole.decode(shown, { skip_special_tokens: false, clean_up_tokenization_spaces: false });
    },
    specialTokens,
    vocabSize,
    prefix,
    suffix,
    unknownId:
      definition.model.unk_id ??
      (definition.model.unk_token == null ? undefined : whole.token_to_id(definition.model.unk_token)),
    padId: padIdOf(definition, config, (token) => whole.token_to_id(token), where),
  };
}

function padIdOf(
  definition: TokenizerJson,
  config: Record<string, unknown>,
  idOf: (token: string) => number | undefined,
  where: string,
): number {
  const id = ['pad_token', 'eos_token']
    .map((name) => contentOf(config[name]))
    .concat('[PAD]', '<pad>')
    .map((token) => (token === undefined ? undefined : idOf(token)));
  const found = id[0] ?? definition.padding?.pad_id ?? id[2] ?? id[3] ?? id[1];
  if (found !== undefined) return found;
  throw new AppError(
    'TOKENIZER_NO_PADDING',
    `${where} must have a padding token ([PAD] or <pad>), or its configuration must name a pad_token or eos_token. It has none: add tokenizer_config.json.`,
    {
      details: { where },
    },
  );
}

/** A token in tokenizer_config.json is a string or an object. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  return typeof token === 'object' && token !== null && 'content' in token
    ? String(token.content)
    : undefined;
}

/**
 * The model types that @huggingface/tokenizers supports by name. It would treat any other type as an old
 * format, and guess.
 */
const modelTypes = ['WordPiece', 'BPE', 'Unigram'];

function parseDefinition(bytes: Uint8Array, where: string): TokenizerJson {
  const value = parseJson(bytes, where) as Partial<TokenizerJson>;
  const refuse = (expected: string, came: string, key: string): AppError =>
    new AppError(
      'TOKENIZER_INVALID',
      `${where} must be a tokenizer.json with ${expected}. It has ${came}: give the file of the base model.`,
      { details: { where, key } },
    );
  if (!value.model?.vocab)
    throw refuse(
      'model.vocab',
      `the members ${Object.keys(value).slice(0, 10).join(', ') || 'none'}`,
      'model.vocab',
    );
  const { type } = value.model;
  if (type !== undefined && !modelTypes.includes(type))
    throw refuse(
      `a model of type ${modelTypes.join(', ')}`,
      `one of type ${JSON.stringify(type)}`,
      'model.type',
    );
  return value as TokenizerJson;
}

function parseJson(bytes: Uint8Array, where: string): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError(
      'TOKENIZER_INVALID',
      `${where} must be JSON. It is not: ${(error as Error).message}. Fetch it again.`,
      {
        cause: error,
        details: { where },
      },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new AppError(
    'TOKENIZER_INVALID',
    `${where} must be a JSON object. Got ${JSON.stringify(value).slice(0, 80)} instead.`,
    {
      details: { where },
    },
  );
}
