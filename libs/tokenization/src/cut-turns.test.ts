import type { Turn } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { turnCutter } from './cut-turns.ts';
import type { Tokenizer } from './tokenizer.ts';

const turn = (role: Turn['role'], text: string): Turn => ({ role, text, tags: [], labelled: false });

/** One id a byte, as byte-level tokenizers have it where nothing merges. */
const bytes: Tokenizer = {
  encode: (text) => [...new TextEncoder().encode(text)],
  decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
  specialTokens: new Map(), vocabSize: 256, prefix: [], suffix: [], padId: 0,
};
const cut = (history: Turn[], maxLength: number): string[] => turnCutter(bytes, { maxLength })({ history }).map(({ role, text }) => `${role}: ${text}`);

describe('turnCutter', () => {
  // speakers take 5 and 7 ids
  const history = [turn('user', 'OPENING QUESTION'), turn('system', 'first answer'), turn('user', ' the  LATEST')];

  it('leaves what fits as it is, white space collapsed', () => {
    expect(cut(history, 100)).toEqual(['user: OPENING QUESTION', 'system: first answer', 'user: the LATEST']);
  });

  it('keeps the beginning of the opening and the end of the conversation', () => {
    expect(cut(history, 40)).toEqual(['user: OPENI', 'system: t answer', 'user: the LATEST']);
    expect(cut(history, 20)).toEqual(['user: ', 'user: the LATEST']);
  });

  it('cuts through no character', () => {
    expect(cut([turn('user', 'é'.repeat(20))], 16)).toEqual([`user: ${'é'.repeat(5)}`]);
    expect(cut([turn('user', 'ok'), turn('system', 'é'.repeat(20))], 26)).toEqual(['user: o', `system: ${'é'.repeat(6)}`]);
  });

  it('refuses a length that makes no sense', () => {
    expect(() => turnCutter(bytes, { maxLength: 8 })).toThrow('maxLength must be a whole number of at least 16 tokens. Got 8 instead.');
  });
});
