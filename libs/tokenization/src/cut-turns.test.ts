import type { Turn } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { turnCutter } from './cut-turns.ts';
import type { Tokenizer } from './tokenizer.ts';

const turn = (role: Turn['role'], text: string): Turn => ({ role, text, tags: [], labeled: false });

/** One id per byte, as in byte-level tokenizers without merges. */
const bytes: Tokenizer = {
  encode: (text) => [...new TextEncoder().encode(text)],
  plainText: (text) => text.replace(/(?<=<)(?=\/?s>)/g, ' '),
  plainTextRule: { control: '(?<=<)(?=\\/?s>)' },
  decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
  specialTokens: new Map(),
  vocabSize: 256,
  prefix: [],
  suffix: [],
  padId: 0,
};
const cut = (history: Turn[], maxLength: number): string[] =>
  turnCutter(bytes, { maxLength })({ history }).map(({ role, text }) => `${role}: ${text}`);

describe('turnCutter', () => {
  // In addition to its text, a line takes 7 or 9 ids; the first line takes one less.
  const history = [
    turn('user', 'OPENING QUESTION'),
    turn('system', 'first answer'),
    turn('user', ' the  LATEST'),
  ];

  it('leaves what fits as it is, white space collapsed', () => {
    expect(cut(history, 100)).toEqual(['user: OPENING QUESTION', 'system: first answer', 'user: the LATEST']);
  });

  it('keeps the beginning of the opening and the end of the conversation', () => {
    expect(cut(history, 56)).toEqual(['user: OPENING', 'system: first answer', 'user: the LATEST']);
    expect(cut(history, 38)).toEqual(['user: OPENING', 'user: the LATEST']);
    expect(cut(history, 26)).toEqual(['user: ', 'user: the LATEST']);
  });

  it('cuts through no character', () => {
    expect(cut([turn('user', '办'.repeat(20))], 28)).toEqual([`user: ${'办'.repeat(7)}`]);
  });

  it('refuses a length that makes no sense', () => {
    expect(() => turnCutter(bytes, { maxLength: 8 })).toThrow(
      'maxLength must be a whole number of at least 16 tokens. Got 8 instead.',
    );
  });
});
