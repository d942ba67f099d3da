import { describe, expect, it } from 'vitest';
import { streamLines } from './stream-lines.ts';

async function lines(chunks: readonly Uint8Array[], lineBytes = 100): Promise<string[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const all: string[] = [];
  for await (const { text, number } of streamLines(stream(), { name: 'standard input', lineBytes })) all.push(`${number} ${text}`);
  return all;
}

describe('streamLines', () => {
  it('finds lines wherever the chunks end, also inside a character', async () => {
    const bytes = new TextEncoder().encode('one\nzwei ä\n\nlast');
    const expected = ['1 one', '2 zwei ä', '3 ', '4 last'];
    for (let cut = 0; cut <= bytes.length; cut++) expect(await lines([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
  });

  it('names the line that is no text or does not end', async () => {
    await expect(lines([Uint8Array.of(0x61, 0x0a, 0xff, 0x0a)])).rejects.toThrow('standard input:2 must be UTF-8 text, and is not.');
    await expect(lines([new Uint8Array(60).fill(0x61), new Uint8Array(60).fill(0x61)])).rejects.toThrow(
      'standard input:1 must be at most 100 bytes long',
    );
  });
});
