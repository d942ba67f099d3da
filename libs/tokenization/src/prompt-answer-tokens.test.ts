import { describe, expect, it } from 'vitest';
import { promptAnswerTokens } from './prompt-answer-tokens.ts';
import { decodeTokenSet, encodeTokenSet, idsOf } from './token-set.ts';

const options = { vocabSize: 20, padId: 0, maxLength: 5 };
const examples = [
  { prompt: [3, 4], answer: [5, 1], split: 'train' },
  { prompt: [6, 7, 8, 9], answer: [10, 1], split: 'valid', id: 'long' },
] as const;

describe('promptAnswerTokens', () => {
  it('says where answers begin, and shortens prompts at their beginning', () => {
    const tokens = promptAnswerTokens(examples, options);
    expect([0, 1].map((i) => [...idsOf(tokens, i)])).toEqual([
      [3, 4, 5, 1],
      [7, 8, 9, 10, 1],
    ]);
    expect([...tokens.answerStarts!]).toEqual([2, 3]);
    expect(tokens.exampleIds).toEqual(['0', 'long']);
    expect([...tokens.splits]).toEqual([0, 1]);
  });

  it('comes through a file, as flags do', () => {
    const tokens = { ...promptAnswerTokens(examples, options), flags: Uint8Array.from([1, 0, 0, 0, 1, 1]) };
    expect(decodeTokenSet(encodeTokenSet(tokens), 'file')).toEqual(tokens);
    const broken =
      (part: object): (() => unknown) =>
      () =>
        decodeTokenSet(encodeTokenSet({ ...tokens, ...part }), 'file');
    expect(broken({ answerStarts: Int32Array.from([0, 3]) })).toThrow(
      'an example has no prompt or no answer',
    );
    expect(broken({ flags: Uint8Array.from([1, 0, 0]) })).toThrow(
      'its flags are not 0 or 1, as many for each example',
    );
  });

  it('refuses what has no prompt, no answer, or no room for a prompt', () => {
    expect(() =>
      promptAnswerTokens([{ prompt: [3], answer: [4, 5, 6, 7, 8], split: 'train' }], options),
    ).toThrow(
      'A prompt and its answer must have at least one token each, and the answer fewer than 5. Got 1 and 5 in example 0',
    );
  });
});
