import { describe, expect, it } from 'vitest';
import { collected, failureOf, writtenCorpus } from '../testing/written-corpus.ts';
import { readObjectEntries } from './read-object-entries.ts';

async function entriesOf(content: string | Uint8Array, lineBytes = 1_000_000) {
  await using corpus = await writtenCorpus({ 'a.json': content });
  return await collected(readObjectEntries(corpus.path('a.json'), { lineBytes }));
}

describe('readObjectEntries', () => {
  it('gives each member with its line, whatever the layout', async () => {
    const value = { 'a"}': { text: 'b{[\\"', list: [1, { c: '}' }] }, é: [], 'x\ny': { z: null } };
    for (const indent of [undefined, 2]) {
      const entries = await entriesOf(`\uFEFF \n${JSON.stringify(value, null, indent)}\n`);
      expect(Object.fromEntries(entries.map(({ key, value: member }) => [key, member]))).toEqual(value);
      expect(entries.map(({ line }) => line)).toEqual(indent ? [3, 12, 13] : [2, 2, 2]);
    }
  });

  it('agrees with JSON.parse on an object larger than its chunks', async () => {
    const value = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, i) => [`${i}`, { text: `\\"é{${'x'.repeat(i % 300)}`, n: [i] }]),
    );
    const entries = await entriesOf(JSON.stringify(value, null, 1));
    expect(Object.fromEntries(entries.map(({ key, value: member }) => [key, member]))).toEqual(value);
  });

  it('takes an empty object', async () => {
    expect(await entriesOf(' { } ')).toEqual([]);
  });

  it.each([
    ['[{}]', 1, 'The file must be one JSON object of dialogues, and does not begin with "{".'],
    ['{"a": 1,\n\n"b" 2}', 3, 'The dialogue that begins here is not valid JSON'],
    ['{"a": 1,, "b": 2}', 1, 'a member is missing between two commas'],
    ['{"a": 1,}', 1, 'a member is missing between two commas'],
    ['{"a": 1}\n{"b": 2}', 2, 'The JSON object ends, and more text follows it.'],
    ['{"a": 1,\n"b": {"c": [1', 2, 'The file ends in the middle of a dialogue, which begins at line 2.'],
    ['{"a": [1}, "b": 2}', 1, 'not valid JSON'],
  ])('refuses %j', async (content, line, message) => {
    const error = await failureOf(() => entriesOf(content));
    expect(error).toMatchObject({ code: 'CORPUS_JSON', retryable: false, details: { line } });
    expect(error.message).toContain(message);
  });

  it('refuses a member over the limit and one that is not UTF-8', async () => {
    expect(await failureOf(() => entriesOf(`{"a": 1,\n"b": "${'x'.repeat(200)}"}`, 100))).toMatchObject({
      code: 'CORPUS_LINE_TOO_LONG',
      details: { line: 2 },
    });
    expect(await failureOf(() => entriesOf(Buffer.from('{"a": "\xe9"}', 'latin1')))).toMatchObject({
      code: 'CORPUS_NOT_UTF8',
      details: { line: 1 },
    });
  });
});
