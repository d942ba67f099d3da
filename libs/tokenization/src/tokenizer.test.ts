import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { referenceTokenizer, referenceTokenizerJson } from './testing/reference-tokenizer.ts';
import { loadTokenizer } from './tokenizer.ts';

interface Reference {
  readonly versions: Readonly<Record<string, string>>;
  readonly vocabSize: number;
  readonly framed: { readonly text: string; readonly ids: readonly number[] };
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

const reference = JSON.parse(
  readFileSync(new URL('./reference/ids.json', import.meta.url), 'utf8'),
) as Reference;
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const definition = (): Record<string, unknown> =>
  JSON.parse(referenceTokenizerJson().toString()) as Record<string, unknown>;

describe(`against Rust's tokenizers ${reference.versions['tokenizers']}`, () => {
  const tokenizer = referenceTokenizer();

  it.each(reference.cases.map(({ text, ids }) => [text, ids] as const))('encodes %j alike', (text, ids) => {
    expect(tokenizer.encode(text)).toEqual(ids);
  });

  it('frames a text with the same special tokens, and has as many ids', () => {
    const { text, ids } = reference.framed;
    expect([...tokenizer.prefix, ...tokenizer.encode(text), ...tokenizer.suffix]).toEqual(ids);
    expect(tokenizer.vocabSize).toBe(reference.vocabSize);
  });
});

describe('loadTokenizer', () => {
  it('leaves truncation and padding of the file aside', () => {
    expect(definition()).toMatchObject({
      truncation: { max_length: 8 },
      padding: { strategy: { Fixed: 8 } },
    });
    expect(referenceTokenizer().encode('a '.repeat(20))).toHaveLength(20);
    expect(referenceTokenizer().encode('a')).toHaveLength(1);
  });

  it('lets nobody spell a special token', () => {
    const { encode, prefix, suffix } = referenceTokenizer();
    expect(encode('[CLS] [SEP]')).not.toContain(prefix[0]);
    expect(encode('[CLS] [SEP]')).not.toContain(suffix[0]);
  });

  it('finds the padding token in the configuration, the file, by name, or takes the end token', () => {
    const withPadding = definition();
    const without = { ...withPadding, padding: null };
    expect(loadTokenizer(bytes(without), { config: bytes({ pad_token: '[MASK]' }) }).padId).toBe(4);
    expect(loadTokenizer(bytes({ ...withPadding, padding: { pad_id: 7 } })).padId).toBe(7);
    expect(loadTokenizer(bytes(without)).padId).toBe(0);
    const model = withPadding['model'] as { vocab: Record<string, number> };
    const { '[PAD]': _, ...vocab } = model.vocab;
    const nameless = {
      ...without,
      model: { ...model, vocab },
      added_tokens: (withPadding['added_tokens'] as { content: string }[]).filter(
        ({ content }) => content !== '[PAD]',
      ),
    };
    expect(loadTokenizer(bytes(nameless), { config: bytes({ eos_token: { content: '[SEP]' } }) }).padId).toBe(
      3,
    );
    expect(() => loadTokenizer(bytes(nameless), { where: 'base/tokenizer.json' })).toThrow(
      'base/tokenizer.json must have a padding token ([PAD] or <pad>)',
    );
  });

  it.each<[string, Uint8Array, string]>([
    ['what is not JSON', bytes('{'), 'x.json must be JSON. It is not: '],
    ['what is not UTF-8', Uint8Array.of(0xff), 'x.json must be JSON.'],
    ['a list', bytes([]), 'x.json must be a JSON object. Got [] instead.'],
    [
      'another JSON file',
      bytes({ hidden_size: 3 }),
      'x.json must be a tokenizer.json with model.vocab. It has the members hidden_size: give the file of the base model.',
    ],
    [
      'an unknown kind of model',
      bytes({ ...definition(), model: { type: 'Telepathy', vocab: { a: 0 } } }),
      'with a model of type WordPiece, BPE, Unigram. It has one of type "Telepathy"',
    ],
    [
      'a part that cannot be run',
      bytes({ ...definition(), normalizer: { type: 'Telepathy' } }),
      'x.json must be a tokenizer of the Hugging Face format',
    ],
  ])('refuses %s', (_, content, message) => {
    expect(() => loadTokenizer(content, { where: 'x.json' })).toThrow(message);
  });
});
