import { describe, expect, it } from 'vitest';
import { independentParts } from './cached-encoder.ts';
import {
  referenceFamilies,
  referenceFamily,
  referenceFamilyJson,
  referenceTokenizer,
  referenceTokenizerJson,
} from './testing/reference-tokenizer.ts';

const definitionOf = (family: string): Parameters<typeof independentParts>[0] =>
  JSON.parse(
    new TextDecoder().decode(family === 'bert' ? referenceTokenizerJson() : referenceFamilyJson(family)),
  ) as Parameters<typeof independentParts>[0];

/** Lines that begin and end with every kind of character, joined by every kind of line break. */
const ends = [
  'user',
  '?',
  '1',
  '!!',
  "don't",
  ' ',
  '\t',
  '  ',
  '你',
  '🙂',
  '\u200b',
  'é',
  'e\u0301',
  "'",
  '-',
  '\r',
  '_',
  'ﬁ',
  '½',
  '\u00a0',
];
const breaks = ['\n', '\n\n', '\r\n', ' \n', '\n ', '\n\t', '\n\r', ' '];

describe('cachedEncoder', () => {
  it('encodes part by part where that is known to be the same', () => {
    const found = [...referenceFamilies, 'bert'].map((family) => [
      family,
      independentParts(definitionOf(family), []) !== undefined,
    ]);
    expect(Object.fromEntries(found)).toEqual({
      roberta: true,
      llama2: false,
      llama3: true,
      'xlm-roberta': false,
      bert: true,
    });
  });

  it.each([...referenceFamilies, 'bert'])('gives the ids of the whole text for %s', (family) => {
    const tokenizer = family === 'bert' ? referenceTokenizer() : referenceFamily(family);
    for (const end of ends) {
      for (const start of ends) {
        for (const between of breaks) {
          const text = tokenizer.plainText(
            `turn 1\nsay ${end}${between}${start}user: x${end}\nsystem: ${start}\nturn`,
          );
          expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(
            tokenizer.encode(text, { markup: true }),
          );
        }
      }
    }
  });

  it.each([
    ['a prefix space', { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true } }],
    [
      'another way to split',
      {
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [
            { type: 'Split', pattern: { Regex: '\\n?\\w+' } },
            { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
          ],
        },
      },
    ],
    ['no way to split', { pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false } }],
    ['a normalizer', { normalizer: { type: 'NFC' } }],
    ['an added token with white space', { added_tokens: [{ content: '\n\n' }] }],
  ])('encodes as a whole with %s', (_, change) => {
    expect(independentParts({ ...definitionOf('roberta'), ...change }, ['<s>'])).toBeUndefined();
  });

  const partsOf = (change: object, control: readonly string[], text: string): string[] => {
    const found: string[] = [];
    independentParts(
      { ...definitionOf('roberta'), added_tokens: [{ content: '<s>' }], ...change },
      control,
    )!.parts(text, (part) => found.push(part));
    return found;
  };

  it('divides byte-level texts at pre-tokens, and at lines where a text could contain an added token', () => {
    const text = "user: it's 42\nsystem: ok";
    expect(partsOf({}, ['<s>'], text)).toEqual(['user', ':', ' it', "'s", ' 42', '\n', 'system', ':', ' ok']);
    expect(partsOf({ added_tokens: [{ content: '<s>' }, { content: 'ok-go' }] }, ['<s>'], text)).toEqual([
      "user: it's 42\n",
      'system: ok',
    ]);
  });

  it.each([
    ['each', true, ['say', ' ', '4', '2', '  ', '1']],
    ['all', false, ['say', ' ', '42', '  ', '1']],
  ])('divides at digits first where the tokenizer does, %s', (_, individual_digits, expected) => {
    const pre_tokenizer = {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      ],
    };
    expect(partsOf({ pre_tokenizer }, ['<s>'], 'say 42  1')).toEqual(expected);
  });
});
