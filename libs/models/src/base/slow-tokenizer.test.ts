import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import type { RawConfig } from '../config-reader.ts';
import { robertaTokenizer, wordPieceTokenizer } from './slow-tokenizer.ts';

// Vocabularies without a tokenizer.json, with transformers' ids under all of its settings:
// tools/reference/pytorch/model_folders.py
const folder = new URL('../reference/folders/tokenizers/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
type Cases = Readonly<Record<string, { readonly settings: RawConfig; readonly ids: number[][] }>>;
const { texts, bert, roberta } = JSON.parse(read('reference.json')) as {
  texts: string[];
  bert: Cases;
  roberta: Cases;
};

describe('a tokenizer without tokenizer.json', () => {
  it.each(Object.entries(bert))('of vocab.txt (%s) has the ids of transformers', (_, { settings, ids }) => {
    const tokenizer = new Tokenizer(wordPieceTokenizer(read('vocab.txt'), settings), {});
    expect(texts.map((text) => tokenizer.encode(text).ids)).toEqual(ids);
  });

  it.each(Object.entries(roberta))(
    'of vocab.json and merges.txt (%s) has the ids of transformers',
    (_, { settings, ids }) => {
      const tokenizer = new Tokenizer(
        robertaTokenizer(
          JSON.parse(read('vocab.json')) as Record<string, number>,
          read('merges.txt'),
          settings,
        ),
        {},
      );
      expect(texts.map((text) => tokenizer.encode(text).ids)).toEqual(ids);
    },
  );

  it('of vocab.txt ends lines in any way', () => {
    const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', '##b'];
    const made = ['\n', '\r\n'].map((end) => wordPieceTokenizer(pieces.join(end) + end));
    expect(made[0]).toEqual(made[1]);
    expect(made[0]!['model']).toMatchObject({
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    });
  });
});
