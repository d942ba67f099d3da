import type { Turn } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { encodeExample, exampleEncoder } from './encode-example.ts';
import { referenceTokenizer } from './testing/reference-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

const turn = (role: Turn['role'], text: string): Turn => ({ role, text, tags: [], labeled: false });

/** One id per character, framed by 1 and 2, so that the kept text can be read. */
const spelling: Tokenizer = {
  encode: (text, { frame = false } = {}) => {
    const ids = [...text].map((character) => character.codePointAt(0) as number);
    return frame ? [1, ...ids, 2] : ids;
  },
  plainText: (text) => text,
  plainTextRule: { control: '(?!)' },
  decode: (ids) => String.fromCodePoint(...ids),
  specialTokens: new Map(),
  vocabSize: 0x110000,
  prefix: [1],
  suffix: [2],
  padId: 0,
};
const read = (ids: readonly number[]): string => String.fromCodePoint(...ids.slice(1, -1));
const kept = (history: Turn[], maxLength: number, openingShare?: number): string => {
  const { ids, text } = encodeExample(spelling, { history, systemTurn: 0 }, { maxLength, openingShare });
  expect(ids.length).toBeLessThanOrEqual(maxLength);
  expect(ids).toEqual(spelling.encode(text, { frame: true }));
  return text;
};

describe('encodeExample', () => {
  it('returns the ids of the rendered text between the special tokens', () => {
    const tokenizer = referenceTokenizer();
    const input = {
      history: [
        turn('user', ' My  printer\nis\u0000\u0085old.'),
        turn('system', 'Which model?'),
        turn('user', ''),
      ],
      systemTurn: 1,
    };
    const text = 'turn 2\nuser: My printer is old.\nsystem: Which model?\nuser:';
    expect(encodeExample(tokenizer, input, { maxLength: 64 })).toEqual({
      text,
      ids: tokenizer.encode(text, { frame: true }),
      truncated: false,
    });
  });

  it('tells turn positions apart', () => {
    const history = [turn('user', 'x')];
    const [first, second] = [0, 1].map((systemTurn) =>
      read(encodeExample(spelling, { history, systemTurn }, { maxLength: 64 }).ids),
    );
    expect([first, second]).toEqual(['turn 1\nuser: x', 'turn 2\nuser: x']);
  });

  // In addition to its text, a line takes 6 or 8 ids, the position 6 and the frame 2.
  const history = [
    turn('user', 'OPENING QUESTION'),
    turn('system', 'first answer'),
    turn('user', 'second'),
    turn('system', 'third'),
    turn('user', 'LATEST'),
  ];
  const lines = (...all: string[]): string => ['turn 1', ...all].join('\n');

  it('keeps everything that just fits', () => {
    const all = lines(
      'user: OPENING QUESTION',
      'system: first answer',
      'user: second',
      'system: third',
      'user: LATEST',
    );
    expect(kept(history, all.length + 2)).toBe(all);
    const { text, truncated } = encodeExample(
      spelling,
      { history, systemTurn: 0 },
      { maxLength: all.length + 1 },
    );
    expect(truncated).toBe(true);
    expect(text).toBe(all.replace(' QUESTION', ''));
  });

  it('keeps the beginning of the opening and the latest turns, the last one that fits in part by its end', () => {
    expect(kept(history, 64, 0.25)).toBe(
      lines('user: OPENING', 'user: second', 'system: third', 'user: LATEST'),
    );
    expect(kept(history, 84, 0.25)).toBe(
      lines('user: OPENING', 'system: answer', 'user: second', 'system: third', 'user: LATEST'),
    );
  });

  it('gives the opening no more than its share while others need the room, and what they leave', () => {
    const short = [turn('user', 'o '.repeat(50)), turn('system', 'yes')];
    expect(kept(short, 70)).toBe(lines(`user: ${'o '.repeat(22).trim()}`, 'system: yes'));
    const long = [turn('user', 'o '.repeat(50)), turn('system', 'y '.repeat(50))];
    expect(kept(long, 70)).toBe(lines(`user: ${'o '.repeat(5).trim()}`, `system: ${'y '.repeat(19).trim()}`));
    expect(kept(long, 70, 0)).toBe(lines('user:', `system: ${'y '.repeat(24).trim()}`));
    expect(kept(long, 70, 1)).toBe(lines(`user: ${'o '.repeat(28).trim()}`));
  });

  it('cuts a single long turn at its end, a long word between pieces, and scripts without spaces anywhere', () => {
    expect(kept([turn('user', 'start and go on and on')], 28)).toBe(lines('user: start and go'));
    expect(kept([turn('user', `${'x'.repeat(16)}${'y'.repeat(16)}`)], 40)).toBe(
      lines(`user: ${'x'.repeat(16)}`),
    );
    expect(kept([turn('user', '打印机离线了怎么办'.repeat(9))], 28)).toBe(
      lines('user: 打印机离线了怎么办打印机离'),
    ); // one id less: the first id counts its space, and so does the speaker's line
  });

  it('drops a greeting of the system before the opening question first, and keeps the order', () => {
    const greeted = [turn('system', 'hello there'), turn('user', 'question'), turn('system', 'answer')];
    expect(kept(greeted, 100)).toBe(lines('system: hello there', 'user: question', 'system: answer'));
    expect(kept(greeted, 56)).toBe(lines('system: there', 'user: question', 'system: answer'));
    expect(kept(greeted, 44)).toBe(lines('user: question', 'system: answer'));
  });

  it('tries the whole text where its units cost a little more than the room', () => {
    const text = 'a b c d e f g h i j k l m n o p';
    const whole = lines(`user: ${text}`);
    const wasteful: Tokenizer = {
      ...spelling,
      encode: (said, options) => spelling.encode(said.length === 3 ? `${said} ` : said, options),
    };
    expect(
      encodeExample(
        wasteful,
        { history: [turn('user', text)], systemTurn: 0 },
        { maxLength: whole.length + 10 },
      ),
    ).toMatchObject({ text: whole, truncated: false });
  });

  it('shrinks the room where a text has more tokens than its words', () => {
    // Two additional ids per line break.
    const dear: Tokenizer = {
      ...spelling,
      encode: (text, options) => spelling.encode(text.replace(/(?<!^a)\n/g, '\n\n\n'), options),
    };
    for (let maxLength = 20; maxLength < 120; maxLength++) {
      const { ids, text } = encodeExample(dear, { history, systemTurn: 0 }, { maxLength });
      expect(ids.length).toBeLessThanOrEqual(maxLength);
      expect(ids).toEqual(dear.encode(text, { frame: true }));
    }
  });

  it('refuses a length that the position alone exceeds', () => {
    expect(() => encodeExample(spelling, { history, systemTurn: 1e12 }, { maxLength: 16 })).toThrow(
      'maxLength must leave room for a conversation. The position of the turn and the special tokens alone take 20 tokens of 16: raise maxLength.',
    );
  });

  it('never exceeds any length, and keeps what every length must', () => {
    for (let maxLength = 16; maxLength < 90; maxLength++) {
      for (const share of [0, 0.1, 0.25, 0.5, 1]) {
        const text = kept(history, maxLength, share);
        expect(text.startsWith('turn 1')).toBe(true);
        if (share <= 0.5 && maxLength >= 40) expect(text.endsWith('LATEST')).toBe(true);
        if (share > 0.1 && maxLength >= 80) expect(text).toContain('OPENING');
      }
    }
  });

  it('encodes little of a turn that is far too long', () => {
    const tokenizer = referenceTokenizer();
    let characters = 0;
    const counting: Tokenizer = {
      ...tokenizer,
      encode: (text, options) => ((characters += text.length), tokenizer.encode(text, options)),
    };
    const words = Array.from({ length: 100_000 }, (_, i) => `word${i}`).join(' ');
    const { ids, text, truncated } = encodeExample(
      counting,
      { history: [turn('user', words), turn('system', words)], systemTurn: 0 },
      { maxLength: 60 },
    );
    expect(ids).toEqual(tokenizer.encode(text, { frame: true }));
    expect(ids.length).toBeGreaterThan(50);
    expect(text).toMatch(/^turn 1\nuser: word0 .*\nsystem: .* word99999$/);
    expect(truncated).toBe(true);
    expect(characters).toBeLessThan(5_000);
  });

  it('counts characters that a tokenizer drops, so that a megabyte of them is cut', () => {
    const tokenizer = referenceTokenizer();
    const { text, truncated } = encodeExample(
      tokenizer,
      { history: [turn('user', '\u200b'.repeat(1_000_000))], systemTurn: 0 },
      { maxLength: 60 },
    );
    expect(truncated).toBe(true);
    expect(text.length).toBeLessThan(500);
    const marks = encodeExample(
      tokenizer,
      { history: [turn('user', `e${'\u0301'.repeat(1_000_000)}`)], systemTurn: 0 },
      { maxLength: 60 },
    );
    expect(marks.text.length).toBeLessThan(10_000);
  });

  it('gives shared turns the same ids as fresh ones', () => {
    const encode = exampleEncoder(spelling, { maxLength: 50 });
    const inputs = [1, 3, 5].map((n, systemTurn) => ({ history: history.slice(0, n), systemTurn }));
    for (const input of [...inputs, ...inputs])
      expect(encode(input)).toEqual(encodeExample(spelling, input, { maxLength: 50 }));
  });

  it('refuses lengths and shares that make no sense', () => {
    const encode = (maxLength: number, openingShare?: number) => () =>
      exampleEncoder(spelling, { maxLength, openingShare });
    expect(encode(15)).toThrow('maxLength must be a whole number of at least 16 tokens. Got 15 instead.');
    expect(encode(20.5)).toThrow('Got 20.5 instead.');
    expect(encode(64, 1.5)).toThrow('openingShare must be from 0 to 1. Got 1.5 instead.');
    expect(encode(64, Number.NaN)).toThrow('Got NaN instead.');
  });
});
