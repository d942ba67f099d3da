import { preTokens } from './pre-tokens.ts';

interface PreTokenizer {
  readonly type?: string;
  readonly add_prefix_space?: boolean;
  readonly use_regex?: boolean;
  readonly individual_digits?: boolean;
  readonly pattern?: { readonly Regex?: string };
  readonly pretokenizers?: readonly PreTokenizer[];
}

/** The parts of a tokenizer.json that decide which parts of a text are independent. */
interface Pipeline {
  readonly model: { readonly type?: string };
  readonly normalizer?: { readonly type?: string } | null;
  readonly pre_tokenizer?: PreTokenizer | null;
  readonly added_tokens?: readonly { readonly content: string }[] | null;
}

/** How a text is divided into parts that are encoded by themselves. */
interface Division {
  /** Calls `visit` with each part in order. */
  parts(text: string, visit: (part: string) => void): void;
  /** The longest part in the cache, and the number of parts: enough for what a corpus repeats. */
  readonly longest: number;
  readonly capacity: number;
}

/** At spaces and line breaks, which belong to no part. */
const words: Division = {
  longest: 32, capacity: 50_000,
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
  longest: 2_000, capacity: 2_000,
  parts: (text, visit) => text.split(betweenLines).forEach((part) => part !== '' && visit(part)),
};

/** Pre-tokens, such as words with the space before them. @param first divides the text before; default: not divided */
function byPattern(pattern: RegExp, first?: RegExp): Division {
  const divide = (text: string, visit: (part: string) => void): void => {
    for (const part of text.match(pattern) ?? []) visit(part);
  };
  const parts = first === undefined ? divide : (text: string, visit: (part: string) => void): void => {
    for (const piece of text.match(first) ?? []) divide(piece, visit);
  };
  return { longest: 64, capacity: 50_000, parts };
}

/** What `Digits` splits before other pre-tokenizers see the text. */
const digits = { one: /[^\d]+|\d/gu, all: /[^\d]+|\d+/gu };

const wordNormalizers: readonly unknown[] = [undefined, 'BertNormalizer', 'Lowercase'];
const wordSplitters: readonly unknown[] = ['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit'];

/**
 * How to divide a text into parts whose ids, one after the other, are those of the text: words for WordPiece that splits at white space before anything else,
 * pre-tokens for byte-level BPE. undefined: the text is encoded as a whole.
 * @param control tokens that no encoded text contains
 */
export function independentParts({ model, normalizer, pre_tokenizer: splitter, added_tokens: added }: Pipeline, control: readonly string[]): Division | undefined {
  if ((added ?? []).some(({ content }) => /\s/u.test(content))) return undefined;
  if (model.type === 'WordPiece') return wordNormalizers.includes(normalizer?.type) && wordSplitters.includes(splitter?.type) ? words : undefined;
  if (model.type !== 'BPE' || (normalizer ?? undefined) !== undefined) return undefined;
  const steps = splitter?.type === 'Sequence' ? (splitter.pretokenizers ?? []) : [splitter ?? {}];
  const [bytes, ...before] = [...steps].reverse();
  if (bytes?.type !== 'ByteLevel' || bytes.add_prefix_space !== false) return undefined;
  const splits = before.filter(({ type }) => type !== 'Digits');
  const pattern = splits.length === 0 ? (bytes.use_regex === false ? undefined : preTokens.gpt2) : splits.length === 1 && splits[0]!.type === 'Split' ? preTokens.splitters.get(splits[0]!.pattern?.Regex ?? '') : undefined;
  if (pattern === undefined) return undefined;
  // An added token may cross pre-tokens, unless no text contains it.
  if (!(added ?? []).every(({ content }) => control.includes(content))) return lines;
  const last = before.at(-1); // the first step
  return byPattern(pattern, last?.type === 'Digits' ? digits[last.individual_digits ? 'one' : 'all'] : undefined);
}

/** Appends the ids of a text. */
type Encoder = (text: string, ids: number[]) => void;

/** Encodes a text part by part with a cache where its parts are independent, otherwise as a whole. The ids are the same. */
export function cachedEncoder(pipeline: Pipeline, { encode, control }: { readonly encode: (text: string) => readonly number[]; readonly control: readonly string[] }): Encoder {
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
