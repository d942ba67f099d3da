import type { Turn } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { encodeExample, exampleEncoder } from './encode-example.ts';
import { renderExample } from './render-example.ts';
import { referenceTokenizer } from './testing/reference-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

const turn = (role: Turn['role'], text: string): Turn => ({ role, text, tags: [], labelled: false });

/** One id a character; 1 and 2 frame, so that what was kept can be read. */
const spelling: Tokenizer = {
  encode: (text) => [...text].map((character) => character.codePointAt(0) as number),
  decode: (ids) => String.fromCodePoint(...ids),
  specialTokens: new Map(),
  vocabSize: 0x110000,
  prefix: [1],
  suffix: [2],
  padId: 0,
};
const read = (ids: readonly number[]): string => String.fromCodePoint(...ids.slice(1, -1));
const kept = (history: Turn[], maxLength: number, openingShare?: number): string => {
  const { ids } = encodeExample(spelling, { history, systemTurn: 0 }, { maxLength, openingShare });
  expect(ids.length).toBeLessThanOrEqual(maxLength);
  expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
  return read(ids);
};

describe('encodeExample', () => {
  it('gives the ids of the rendered text between the special tokens', () => {
    const tokenizer = referenceTokenizer();
    const input = { history: [turn('user', ' My  printer\nis old.'), turn('system', 'Which model?'), turn('user', '')], systemTurn: 1 };
    expect(renderExample(input)).toBe('turn 2\nuser: My printer is old.\nsystem: Which model?\nuser: ');
    expect(encodeExample(tokenizer, input, { maxLength: 64 })).toEqual({
      ids: [...tokenizer.prefix, ...tokenizer.encode(renderExample(input)), ...tokenizer.suffix],
      truncated: false,
    });
  });

  it('tells turn positions apart', () => {
    const history = [turn('user', 'x')];
    const [first, second] = [0, 1].map((systemTurn) => read(encodeExample(spelling, { history, systemTurn }, { maxLength: 64 }).ids));
    expect([first, second]).toEqual(['turn 1user:x', 'turn 2user:x']);
  });

  // The position takes 6 of these ids, the frame 2, each speaker 5 or 7.
  const history = [
    turn('user', 'OPENING-QUESTION'),
    turn('system', 'first answer'),
    turn('user', 'second'),
    turn('system', 'third'),
    turn('user', 'LATEST'),
  ];

  it('keeps everything that just fits', () => {
    const all = 'turn 1user:OPENING-QUESTIONsystem:first answeruser:secondsystem:thirduser:LATEST';
    expect(kept(history, all.length + 2)).toBe(all);
    expect(encodeExample(spelling, { history, systemTurn: 0 }, { maxLength: all.length + 1 }).truncated).toBe(true);
  });

  it('keeps the beginning of the opening and the latest turns, the last one that fits in part by its end', () => {
    expect(kept(history, 60, 0.25)).toBe('turn 1user:OPENING-QUESTuser:secondsystem:thirduser:LATEST');
    expect(kept(history, 72, 0.25)).toBe('turn 1user:OPENING-QUEsystem: answeruser:secondsystem:thirduser:LATEST');
  });

  it('gives the opening no more than its share while others need the room, and what they leave', () => {
    const short = [turn('user', 'o'.repeat(100)), turn('system', 'yes')];
    expect(kept(short, 68)).toBe(`turn 1user:${'o'.repeat(45)}system:yes`);
    const long = [turn('user', 'o'.repeat(100)), turn('system', 'y'.repeat(100))];
    expect(kept(long, 68)).toBe(`turn 1user:${'o'.repeat(10)}system:${'y'.repeat(38)}`);
    expect(kept(long, 68, 0)).toBe(`turn 1user:system:${'y'.repeat(48)}`);
    expect(kept(long, 68, 1)).toBe(`turn 1user:${'o'.repeat(55)}`);
  });

  it('cuts a single long turn at its end', () => {
    expect(kept([turn('user', `start${'x'.repeat(100)}`)], 24)).toBe('turn 1user:startxxxxxx');
  });

  it('drops a greeting of the system before the opening question first, and keeps the order', () => {
    const greeted = [turn('system', 'hello'), turn('user', 'question'), turn('system', 'answer')];
    expect(kept(greeted, 100)).toBe('turn 1system:hellouser:questionsystem:answer');
    expect(kept(greeted, 44)).toBe('turn 1system:llouser:questionsystem:answer');
    expect(kept(greeted, 34)).toBe('turn 1user:questionsystem:answer');
  });

  it('never exceeds any length, and keeps what every length must', () => {
    for (let maxLength = 16; maxLength < 90; maxLength++) {
      for (const share of [0, 0.1, 0.25, 0.5, 1]) {
        const text = kept(history, maxLength, share);
        expect(text.startsWith('turn 1')).toBe(true);
        if (share <= 0.5 && maxLength >= 40) expect(text.endsWith('LATEST')).toBe(true);
        if (share > 0 && maxLength >= 80) expect(text).toContain('OPENING');
      }
    }
  });

  it('reads only the ends of a turn that is far too long, and keeps what it would have kept', () => {
    const tokenizer = referenceTokenizer();
    let longest = 0;
    const counting: Tokenizer = { ...tokenizer, encode: (text) => ((longest = Math.max(longest, text.length)), tokenizer.encode(text)) };
    const words = Array.from({ length: 5_000 }, (_, i) => `word${i}`).join(' ');
    const { ids, truncated } = encodeExample(
      counting,
      { history: [turn('user', words), turn('system', words)], systemTurn: 0 },
      { maxLength: 60 },
    );
    const speaker = (name: string): number[] => tokenizer.encode(`${name}:`);
    const position = tokenizer.encode('turn 1');
    const room = 60 - position.length - 2;
    const [head, tail] = [Math.floor(room / 4) - speaker('user').length, room - Math.floor(room / 4) - speaker('system').length];
    const all = tokenizer.encode(words);
    expect(ids).toEqual([
      ...tokenizer.prefix,
      ...position,
      ...speaker('user'),
      ...all.slice(0, head),
      ...speaker('system'),
      ...all.slice(-tail),
      ...tokenizer.suffix,
    ]);
    expect(truncated).toBe(true);
    expect(longest).toBeLessThan(2_000);
  });

  it('gives shared turns the same ids as fresh ones', () => {
    const encode = exampleEncoder(spelling, { maxLength: 50 });
    const inputs = [1, 3, 5].map((n, systemTurn) => ({ history: history.slice(0, n), systemTurn }));
    for (const input of [...inputs, ...inputs]) expect(encode(input)).toEqual(encodeExample(spelling, input, { maxLength: 50 }));
  });

  it('refuses lengths and shares that make no sense', () => {
    const encode = (maxLength: number, openingShare?: number) => () => exampleEncoder(spelling, { maxLength, openingShare });
    expect(encode(15)).toThrow('maxLength must be a whole number of at least 16 tokens. Got 15 instead.');
    expect(encode(20.5)).toThrow('Got 20.5 instead.');
    expect(encode(64, 1.5)).toThrow('openingShare must be from 0 to 1. Got 1.5 instead.');
    expect(encode(64, Number.NaN)).toThrow('Got NaN instead.');
  });
});
