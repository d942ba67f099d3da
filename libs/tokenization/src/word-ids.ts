/** The parts of a tokenizer.json that decide whether words are independent. */
interface Pipeline {
  readonly model: { readonly type?: string };
  readonly normalizer?: { readonly type?: string } | null;
  readonly pre_tokenizer?: { readonly type?: string } | null;
  readonly added_tokens?: readonly { readonly content: string }[] | null;
}

const normalizers: readonly unknown[] = [undefined, 'BertNormalizer', 'Lowercase'];
const splitters: readonly unknown[] = ['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit'];

/** Whether the ids of a text are those of its words, one after the other: WordPiece that splits at white space before anything else. */
export function independentWords({ model, normalizer, pre_tokenizer, added_tokens }: Pipeline): boolean {
  return (
    model.type === 'WordPiece' && normalizers.includes(normalizer?.type) && splitters.includes(pre_tokenizer?.type) &&
    (added_tokens ?? []).every(({ content }) => !/\s/u.test(content))
  );
}

/** Size of the cache, and the longest word in it: enough for the frequent words of any corpus. */
const [capacity, longestWord] = [50_000, 32];

/** Encodes a text word by word, with a cache of words. */
export function wordByWord(encode: (text: string) => number[]): (text: string) => number[] {
  const known = new Map<string, readonly number[]>();
  const idsOf = (word: string): readonly number[] => {
    if (word.length > longestWord) return encode(word);
    let ids = known.get(word);
    if (ids === undefined) {
      ids = encode(word);
      if (known.size >= capacity) known.clear();
      known.set(word, ids);
    }
    return ids;
  };
  return (text) => {
    const ids: number[] = [];
    for (const word of text.split(/[ \n]+/u)) if (word !== '') for (const id of idsOf(word)) ids.push(id);
    return ids;
  };
}
