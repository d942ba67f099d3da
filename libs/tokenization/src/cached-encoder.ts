import { preTokens } from './pre-tokens.ts';

interface PreTokenizer {
  readonly type?: string;
  readonly add_prefix_space?: boolean;
  readonly use_regex?: boolean;
  readonly individual_digits?: boolean;
  readonly pattern?: { readonly Regex?: string };
  readonly pretokenizers?: readonly PreTokenizer[];
}

/** The members of a tokenizer.json that determine which parts of a text can be encoded independently. */
interface Pipeline {
  readonly model: { readonly type?: string };
  readonly normalizer?: { readonly type?: string } | null;
  readonly pre_tokenizer?: PreTokenizer | null;
  readonly added_tokens?: readonly { readonly content: string }[] | null;
}

/** How a text is divided into independently encoded parts. */
interface Division {
  /** Calls `visit` with each part in order. */
  parts(text: string, visit: (part: string) => void): void;
  /**
   * The longest cached part in characters, and the number of cached parts: enough for what a corpus repeats.
   */
  readonly longest: number;
  readonly capacity: number;
}

/** Divides at spaces and line breaks, which belong to no part. */
const words: Division = {
  longest: 32,
  capacity: 50_000,
  parts(text, visit) {
    let from = 0;
    for (let at = 0; at <= text.length; at++) {
      const code = at === text.length ? 32 : text.charCodeAt(at);
      if (code !== 32 && code !== 10) continue;
      if (at > from) visit(text.slice(from, at));
      from = at + 1;
    }
  },
};

/** A line break between a visible character and a letter ends a pre-token in all of `splitters`. */
const betweenLines = /(?<=\S\n)(?=\p{L})/u;

const lines: Division = {
  longest: 2_000,
  capacity: 2_000,
  parts: (text, visit) => text.split(betweenLines).forEach((part) => part !== '' && visit(part)),
};

/**
 * Divides into pre-tokens, such as words with their leading space.
 * @param first divides the text beforehand; default: no division
 */
function byPattern(pattern: RegExp, first?: RegExp): Division {
  const divide = (text: string, visit: (part: string) => void): void => {
    for (const part of text.match(pattern) ?? []) visit(part);
  };
  const parts =
    first === undefined
      ? divide
      : (text: string, visit: (part: string) => void): void => {
          for (const piece of text.match(first) ?? []) divide(piece, visit);
        };
  return { longest: 64, capacity: 50_000, parts };
}

/** The pieces into which `Digits` splits a text before other pre-tokenizers run. */
const digits = { one: /[^\d]+|\d/gu, all: /[^\d]+|\d+/gu };

const wordNormalizers: readonly unknown[] = [undefined, 'BertNormalizer', 'Lowercase'];
const wordSplitters: readonly unknown[] = ['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit'];

/**
 * How to divide a text into parts whose concatenated ids equal the ids of the whole text. WordPiece that
 * splits at white space first is divided into words, byte-level BPE into pre-tokens. Undefined: the text is
 * encoded as a whole.
 * @param control tokens that never occur in an encoded text
 */
export function independentParts(
  { model, normalizer, pre_tokenizer: splitter, added_tokens: added }: Pipeline,
  control: readonly string[],
): Division | undefined {
  if ((added ?? []).some(({ content }) => /\s/u.test(content))) return undefined;
  if (model.type === 'WordPiece')
    return wordNormalizers.includes(normalizer?.type) && wordSplitters.includes(splitter?.type)
      ? words
      : undefined;
  if (model.type !== 'BPE' || (normalizer ?? undefined) !== undefined) return undefined;
  const steps = splitter?.type === 'Sequence' ? (splitter.pretokenizers ?? []) : [splitter ?? {}];
  const [bytes, ...before] = [...steps].reverse();
  if (bytes?.type !== 'ByteLevel' || bytes.add_prefix_space !== false) return undefined;
  const splits = before.filter(({ type }) => type !== 'Digits');
  const pattern =
    splits.length === 0
      ? bytes.use_regex === false
        ? undefined
        : preTokens.gpt2
      : splits.length === 1 && splits[0]!.type === 'Split'
        ? preTokens.splitters.get(splits[0]!.pattern?.Regex ?? '')
        : undefined;
  if (pattern === undefined) return undefined;
  // An added token may span pre-tokens, unless it never occurs in a text.
  if (!(added ?? []).every(({ content }) => control.includes(content))) return lines;
  const last = before.at(-1); // the first step: `before` is reversed
  return byPattern(
    pattern,
    last?.type === 'Digits' ? digits[last.individual_digits ? 'one' : 'all'] : undefined,
  );
}

/** Appends the ids of a text. */
type Encoder = (text: string, ids: number[]) => void;

/**
 * An encoder that caches independent parts of a text. Without independent parts, the text is encoded as a
 * whole. The ids are the same either way.
 */
export function cachedEncoder(
  pipeline: Pipeline,
  {
    encode,
    control,
  }: { readonly encode: (text: string) => readonly number[]; readonly control: readonly string[] },
): Encoder {
  const append = (ids: number[], more: readonly number[]): void => {
    for (let i = 0; i < more.length; i++) ids.push(more[i]!);
  };
  const division = independentParts(pipeline, control);
  if (division === undefined) return (text, ids) => append(ids, encode(text));
  const { longest, capacity } = division;
  const known = new Map<string, readonly number[]>();
  const idsOf = (part: string): readonly number[] => {
    if (part.length > longest) return encode(part);
    let ids = known.get(part);
    if (ids === undefined) {
      ids = encode(part);
      if (known.size >= capacity) known.clear();
      known.set(part, ids);
    }
    return ids;
  };
  return (text, ids) => division.parts(text, (part) => append(ids, idsOf(part)));
}
