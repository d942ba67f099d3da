import { describe, expect, it } from 'vitest';
import { AppError, boundedError, type JsonValue } from './index.ts';

const cyclic: Record<string, unknown> = { a: 1 };
cyclic['self'] = cyclic;
const thrown: readonly (readonly [string, unknown, string])[] = [
  ['an AppError', new AppError('A', 'a', { details: { line: 7 } }), 'a'],
  ['a message of 10 MB', new AppError('A', 'é'.repeat(5_000_000)), 'é'],
  ['details of 10 MB', new AppError('A', 'a', { details: { text: 'x'.repeat(10_000_000) } }), 'a'],
  ['cyclic details', new AppError('A', 'a', { details: cyclic as Record<string, JsonValue> }), 'a'],
  ['a huge code', new AppError('A'.repeat(10_000), 'a'), 'a'],
  ['a text', 'stopped', 'stopped'],
  ['nothing', undefined, 'undefined'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['an object', { why: 'full' }, 'A value that is no error was thrown: {"why":"full"}'],
  ['a cyclic object', cyclic, 'A value was thrown that has no text.'],
  ['an object without a prototype', Object.create(null), 'A value that is no error was thrown: {}'],
  ['an error without a message', new TypeError(), 'TypeError without a message'],
  ['an error whose message is no text', Object.assign(new Error(), { message: { a: 1 } }), '[object Object]'],
  [
    'an error whose message throws',
    Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('no');
      },
    }),
    'A value was thrown that has no text.',
  ],
];

describe('boundedError', () => {
  it.each(thrown)('takes %s', (_, value, message) => {
    const error = boundedError(value);
    expect(error).toBeInstanceOf(AppError);
    expect(error.message.startsWith(message)).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(error))).toBeLessThan(4_000);
  });

  it('keeps details that fit, and says where it left them out', () => {
    expect(boundedError(new AppError('A', 'a', { details: { line: 7 }, retryable: true })).toJSON()).toEqual({
      code: 'A',
      message: 'a',
      details: { line: 7 },
      retryable: true,
    });
    expect(boundedError(new AppError('A', 'a', { details: { text: 'x'.repeat(2_000) } })).details).toEqual({
      leftOut: true,
    });
  });
});
