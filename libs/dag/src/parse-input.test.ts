import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseInput, parseJson } from './parse-input.ts';

const Schema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z]+$/, 'must be lower-case letters')
    .default('x'),
  rate: z.number().gt(0).max(1).default(0.5),
  weights: z.union([z.enum(['balanced', 'none']), z.strictObject({ a: z.number() })]).default('balanced'),
  many: z.array(z.number()).optional(),
  nested: z
    .strictObject({ list: z.array(z.int()).max(2).default([]), flag: z.boolean().optional() })
    .prefault({}),
});

describe('parseInput', () => {
  it('fills in every default, of nothing at all too', () => {
    const defaults = { name: 'x', rate: 0.5, weights: 'balanced', nested: { list: [] } };
    for (const nothing of [undefined, null, {}]) expect(parseInput(Schema, nothing, 'it')).toEqual(defaults);
  });

  it.each([
    [{ rate: -1 }, 'rate must be above 0. Got -1 instead.'],
    [{ rate: 2 }, 'rate must be at most 1. Got 2 instead.'],
    [{ rate: '1' }, 'rate must be a number. Got "1" instead.'],
    [{ rate: null }, 'rate must be a number. Got null instead.'],
    [{ name: 'X' }, 'name: must be lower-case letters. Got "X" instead.'],
    [
      { nested: { lsit: [] } },
      'nested.lsit is not a known key. Did you mean "list"? Known here: list, flag.',
    ],
    [{ nested: { list: [1.5] } }, 'nested.list.0 must be a whole number. Got 1.5 instead.'],
    [{ nested: { list: [1, 2, 3] } }, 'nested.list must be at most 2 items long. Got [1,2,3] instead.'],
    [{ nested: { flag: 'yes' } }, 'nested.flag must be true or false. Got "yes" instead.'],
    [
      { weights: 'some' },
      'weights fits none of its forms: must be one of "balanced", "none"; or must be an object. Got "some" instead.',
    ],
    [[], 'It must be an object. Got [] instead.'],
  ])('says of %j: %s', (input, sentence) => {
    expect(() => parseInput(Schema, input, 'the test')).toThrow(
      `The input of the test is wrong. ${sentence} Correct this`,
    );
  });

  it('says of a key without a default that it is missing', () => {
    expect(() => parseInput(z.object({ uri: z.string() }), {}, 'the test')).toThrow(
      'uri is missing: it must be text.',
    );
  });

  it.each([
    [z.object({ id: z.string().regex(/^a/) }), { id: 'b' }, 'id has the wrong form. Got "b" instead.'],
    [z.object({ id: z.string().refine(() => false) }), { id: 'b' }, 'id is not allowed. Got "b" instead.'],
    [
      z.object({ id: z.string().refine(() => false, 'The id must exist.') }),
      { id: 'b' },
      'id: The id must exist. Got "b" instead.',
    ],
    [z.object({}).refine(() => false, 'must have a key'), { id: 'b' }, 'It must have a key. Got {'],
    [
      z.object({ size: z.int().multipleOf(8) }),
      { size: 12 },
      'size must be a multiple of 8. Got 12 instead.',
    ],
    [z.record(z.enum(['a', 'b']), z.int()), { a: 1, b: 2, c: 3 }, 'c is not a known key.'],
    [
      z.record(z.string().regex(/^a/, 'must begin with a'), z.int()),
      { b: 2 },
      'b is not a known key. A key must begin with a. Got "b" instead.',
    ],
    [z.map(z.string(), z.int()), new Map([['a', 'x']]), 'a must be a number. Got "x" instead.'],
    [z.object({ at: z.iso.datetime() }), { at: 'noon' }, 'at has the wrong form. Got "noon" instead.'],
  ])('uses no words of the schema library (%#)', (schema, input, sentence) => {
    expect(() => parseInput(schema, input, 'the test')).toThrow(sentence);
    expect(() => parseInput(schema, input, 'the test')).not.toThrow(
      /Invalid|expected|Unrecognized|Too (small|big)/,
    );
  });

  it('shortens what came', () => {
    expect(() => parseInput(Schema, { rate: 'x'.repeat(500) }, 'it')).toThrow(
      /Got "x{55}… \(445 more characters\)" instead/,
    );
    expect(() =>
      parseInput(z.strictObject({ list: z.string() }), { list: Array(500).fill(0) }, 'it'),
    ).toThrow('Got a list of 500 instead.');
  });

  it('stays at a few kilobytes and counts what it leaves out, whatever the input', () => {
    const message = (input: unknown): string => {
      try {
        parseInput(Schema, input, 'it');
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    const unknownKeys = Object.fromEntries(Array.from({ length: 8_000 }, (_, i) => [`key${i}`, i]));
    expect(message(unknownKeys)).toMatch(/key0 is not a known key.* And 7,990 more\. Correct this/);
    expect(message({ many: Array(50_000).fill('x') })).toMatch(
      /many\.9 must be a number\. Got "x" instead\. And 49,990 more\. Correct this/,
    );
    expect(message({ weights: unknownKeys })).toContain('weights fits none of its forms');
    expect(message({ ['k'.repeat(900_000)]: 1 })).toMatch(
      /k… \(899,9\d\d more characters\) is not a known key/,
    );
    expect(message({ rate: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown })).toContain(
      'rate must be a number. Got a list instead.',
    );
    expect(message({ ['\ud800']: 1 })).toContain('\ufffd is not a known key');
    for (const hostile of [
      unknownKeys,
      { weights: unknownKeys },
      { ['k'.repeat(900_000)]: 1 },
      { many: Array(50_000).fill('x') },
    ])
      expect(Buffer.byteLength(message(hostile))).toBeLessThan(4_000);
  });
});

describe('parseJson', () => {
  it('reads a text, or says in sentences what does not fit', () => {
    expect(parseJson(Schema, '{"rate": 1}')).toEqual({
      name: 'x',
      rate: 1,
      weights: 'balanced',
      nested: { list: [] },
    });
    expect(() => parseJson(Schema, '{"rate": 2, "lsit": 1}')).toThrow(
      new Error(
        'rate must be at most 1. Got 2 instead. lsit is not a known key. Known here: name, rate, weights, many, nested.',
      ),
    );
    expect(() =>
      parseJson(z.object({ a: z.int(), b: z.int(), c: z.int(), d: z.int(), e: z.int() }), '{"a": 1}'),
    ).toThrow(
      new Error(
        `${['b', 'c', 'd'].map((key) => `${key} is missing: it must be a number.`).join(' ')} And 1 more.`,
      ),
    );
    expect(() => parseJson(Schema, '{"rate"')).toThrow(SyntaxError);
  });
});
