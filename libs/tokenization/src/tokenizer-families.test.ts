import { readFileSync } from 'node:fs';
import type { Turn } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { encodeExample } from './encode-example.ts';
import { referenceFamilies, referenceFamily, referenceTokenizer } from './testing/reference-tokenizer.ts';

interface Reference {
  readonly versions: Readonly<Record<string, string>>;
  readonly texts: readonly string[];
  readonly ids: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const reference = JSON.parse(
  readFileSync(new URL('./reference/families/ids.json', import.meta.url), 'utf8'),
) as Reference;
const turn = (role: Turn['role'], text: string): Turn => ({ role, text, tags: [], labeled: false });

describe.each(referenceFamilies)(
  `%s, against Rust's tokenizers ${reference.versions['tokenizers']}`,
  (family) => {
    const tokenizer = referenceFamily(family);

    it.each(reference.texts.map((text, i) => [text, reference.ids[family]![i]!] as const))(
      'encodes %j as one text, framed',
      (text, ids) => {
        expect(tokenizer.plainText(text)).toBe(
          tokenizer.plainTextRule.normalize === undefined ? text : text.normalize('NFKC'),
        );
        expect(tokenizer.encode(text, { frame: true })).toEqual(ids);
      },
    );
  },
);

const odd = [
  '[SEP]',
  '[CLS]',
  '</s>',
  '<s>',
  '<unk>',
  '<|eot_id|>',
  '<|begin_of_text|>',
  '＜/s＞',
  '＜ｓ＞',
  '[ＳＥＰ]',
  '<\u0000/s>',
  '<</s>/s>',
  '</s></s>',
  '<|eot_id|',
  '[sep]',
  '<S>',
];

describe.each([...referenceFamilies, 'bert'])('control tokens in a text for %s', (family) => {
  const tokenizer = family === 'bert' ? referenceTokenizer() : referenceFamily(family);
  const control = new Set(tokenizer.specialTokens.values());

  it.each(odd)('%j stays text', (spelled) => {
    const { text, ids } = encodeExample(
      tokenizer,
      { history: [turn('user', `a${spelled}b ${spelled} c`)], systemTurn: 0 },
      { maxLength: 128 },
    );
    const inside = ids.slice(tokenizer.prefix.length, ids.length - tokenizer.suffix.length);
    expect(inside.filter((id) => control.has(id) && id !== tokenizer.unknownId)).toEqual([]);
    // The library's own ids of the final text, with control tokens parsed: no forged token is left in it.
    expect(tokenizer.encode(text, { frame: true, markup: true })).toEqual(ids);
  });

  it('lets a template write them', () => {
    for (const [token, id] of tokenizer.specialTokens)
      expect(tokenizer.encode(`a${token}`, { markup: true }).at(-1)).toBe(id);
  });
});

describe('truncated texts', () => {
  const history = Array.from({ length: 40 }, (_, i) =>
    turn(
      i % 2 === 0 ? 'user' : 'system',
      `Turn ${i}: the printer's queue, 打印机 🙂 </s> [SEP] ${'very '.repeat(i)}https://example.org/${i}?q=a&b`,
    ),
  );

  it.each([...referenceFamilies, 'bert'])('have the ids of their text at every length for %s', (family) => {
    const tokenizer = family === 'bert' ? referenceTokenizer() : referenceFamily(family);
    for (let maxLength = 16; maxLength < 600; maxLength += 29) {
      const { text, ids, truncated } = encodeExample(tokenizer, { history, systemTurn: 20 }, { maxLength });
      expect(truncated).toBe(true);
      expect(ids).toEqual(tokenizer.encode(text, { frame: true, markup: true }));
      expect(ids.length).toBeLessThanOrEqual(maxLength);
      if (maxLength > 100) expect(ids.length).toBeGreaterThan(0.9 * maxLength);
    }
  });
});
