import { describe, expect, it } from 'vitest';
import {
  decodeTokenSet,
  encodeTokenSet,
  examplesOfSplit,
  idsOf,
  lengthsOf,
  type TokenSet,
} from './token-set.ts';
import { withSplitsOf } from './with-splits-of.ts';

const tokens: TokenSet = {
  ids: Int32Array.of(2, 9, 3, 2, 3, 2, 8, 8, 3),
  offsets: Int32Array.of(0, 3, 5, 9),
  labels: Uint8Array.of(1, 0, 1),
  splits: Uint8Array.of(0, 1, 0),
  splitNames: ['train', 'valid', 'test'],
  turns: Int32Array.of(0, 0, 1),
  exampleIds: ['a#0', 'b\n"é"#0', 'a#1'],
  vocabSize: 10,
  padId: 0,
  maxLength: 16,
  templateVersion: 1,
};

describe('a token set', () => {
  it('comes back from its file as it was, and equal sets give equal bytes', () => {
    const bytes = encodeTokenSet(tokens);
    expect(decodeTokenSet(bytes, 'tokens.safetensors')).toEqual(tokens);
    expect(encodeTokenSet(decodeTokenSet(bytes, 'tokens.safetensors'))).toEqual(bytes);
  });

  it('gives ids, lengths and the examples of a split', () => {
    expect([...idsOf(tokens, 2)]).toEqual([2, 8, 8, 3]);
    expect([...lengthsOf(tokens)]).toEqual([3, 2, 4]);
    expect([...examplesOfSplit(tokens, 'train')]).toEqual([0, 2]);
    expect([...examplesOfSplit(tokens, 'other')]).toEqual([]);
  });

  it.each<[string, Partial<TokenSet>]>([
    ['its arrays are of different numbers of examples', { labels: Uint8Array.of(1) }],
    ['its offsets do not cover its ids', { offsets: Int32Array.of(0, 3, 5, 8) }],
    ['its offsets do not cover its ids', { offsets: Int32Array.of(0, 5, 5, 9) }],
    ['a label is neither 0 nor 1', { labels: Uint8Array.of(1, 2, 0) }],
    ['a split has no name', { splitNames: ['train'] }],
    ['an id is outside the vocabulary', { vocabSize: 9 }],
    [
      'its metadata does not name splits, vocabSize, padId, maxLength and templateVersion',
      { padId: undefined },
    ],
  ])('is refused when %s', (problem, wrong) => {
    expect(() => decodeTokenSet(encodeTokenSet({ ...tokens, ...wrong }), 'x')).toThrow(
      `x must be a token set as encodeTokenSet writes it: ${problem}. Run tokenization again.`,
    );
  });

  it('is refused when it is cut short or something else', () => {
    const bytes = encodeTokenSet(tokens);
    expect(() => decodeTokenSet(bytes.subarray(0, bytes.length - 1), 'x')).toThrow(
      'x must be a safetensors file',
    );
  });
});

describe('withSplitsOf', () => {
  it('sends examples where their conversation goes, and leaves the rest out', () => {
    const moved = withSplitsOf(tokens, (conversation) => (conversation === 'a' ? 'test' : undefined));
    expect(moved.exampleIds).toEqual(['a#0', 'a#1']);
    expect([...idsOf(moved, 1)]).toEqual([2, 8, 8, 3]);
    expect([[...moved.offsets], [...moved.splits], [...moved.labels], [...moved.turns]]).toEqual([
      [0, 3, 7],
      [2, 2],
      [1, 1],
      [0, 1],
    ]);
    expect(decodeTokenSet(encodeTokenSet(moved), 'x')).toEqual(moved);
  });

  it('refuses a split that there is none of', () => {
    expect(() => withSplitsOf(tokens, () => 'dev')).toThrow(
      'A split of a token set must be one of train, valid, test. Got "dev" for a#0.',
    );
  });
});
