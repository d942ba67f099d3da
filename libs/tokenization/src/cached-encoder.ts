interface PreTokenizer {
  readonly type?: string;
  readonly add_prefix_space?: boolean;
  readonly use_regex?: boolean;
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

interface Parts {
  readonly separator: RegExp;
  /** Number of parts in the cache, and the longest one: enough for what a corpus repeats. */
  readonly capacity: number;
  readonly longest: number;
}

const words: Parts = { separator: /[ \n]+/u, capacity: 50_000, longest: 32 };
/** A line break between a visible character and a letter ends a pre-token in all of `lineSplitters`. */
const lines: Parts = { separator: /(?<=\S\n)(?=\p{L})/u, capacity: 2_000, longest: 2_000 };

const wordNormalizers: readonly unknown[] = [undefined, 'BertNormalizer', 'Lowercase'];
const wordSplitters: readonly unknown[] = ['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit'];

/** How Llama 3 and Qwen 2 split; `ByteLevel` itself splits like GPT-2. */
const lineSplitters: readonly unknown[] = ['{1,3}', ''].map(
  (digits) => `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
);

/**
 * The parts of a text whose ids, one after the other, are those of the text: words for WordPiece that splits at white space before anything else, lines
 * for byte-level BPE. undefined: the text is encoded as a whole.
 */
export function independentParts({ model, normalizer, pre_tokenizer: splitter, added_tokens: added }: Pipeline): Parts | undefined {
  if ((added ?? []).some(({ content }) => /\s/u.test(content))) return undefined;
  if (model.type === 'WordPiece') return wordNormalizers.includes(normalizer?.type) && wordSplitters.includes(splitter?.type) ? words : undefined;
  if (model.type !== 'BPE' || (normalizer ?? undefined) !== undefined) return undefined;
  const steps = splitter?.type === 'Sequence' ? (splitter.pretokenizers ?? []) : [splitter ?? {}];
  const [bytes, ...before] = [...steps].reverse();
  if (bytes?.type !== 'ByteLevel' || bytes.add_prefix_space !== false) return undefined;
  const splits = before.filter(({ type }) => type !== 'Digits');
  const known = splits.length === 0 ? bytes.use_regex !== false : splits.length === 1 && splits[0]!.type === 'Split' && lineSplitters.includes(splits[0]!.pattern?.Regex);
  return known ? lines : undefined;
}

/** Encodes a text part by part with a cache where its parts are independent, otherwise as a whole. The ids are the same. */
export function cachedEncoder(pipeline: Pipeline, encode: (text: string) => number[]): (text: string) => number[] {
  const parts = independentParts(pipeline);
  if (parts === undefined) return encode;
  const { separator, capacity, longest } = parts;
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
  return (text) => {
    const ids: number[] = [];
    for (const part of text.split(separator)) if (part !== '') for (const id of idsOf(part)) ids.push(id);
    return ids;
  };
}
