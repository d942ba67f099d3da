import { describe, expect, it } from 'vitest';
import { streamLines } from './stream-lines.ts';

async function lines(chunks: readonly Uint8Array[], lineBytes = 100): Promise<string[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  const all: string[] = [];
  for await (const line of streamLines(stream(), { name: 'standard input', lineBytes })) {
    all.push(`${line.number} ${'error' in line ? line.error.message : line.text}`);
  }
  return all;
}

describe('streamLines', () => {
  it('finds lines wherever the chunks end, also inside a character', async () => {
    const bytes = new TextEncoder().encode('one\nzwei ä\r\n\nlast');
    const expected = ['1 one', '2 zwei ä', '3 ', '4 last'];
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(await lines([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
  });

  it('tells of a line that is no text, and goes on', async () => {
    const [first, second, third] = await lines([Uint8Array.of(0x61, 0x0a, 0xff, 0x0a, 0x62, 0x0a)]);
    expect([first, third]).toEqual(['1 a', '3 b']);
    expect(second).toContain('standard input:2: Text must be UTF-8, and this line is not: byte 1 is 0xFF');
  });

  it('lets go of a line that does not end, and goes on after it', async () => {
    const long = new Uint8Array(60).fill(0x61);
    expect(await lines([long, long, Uint8Array.of(0x0a, 0x62)])).toEqual([
      '1 standard input:1 must be at most 100 bytes long, and is longer. One conversation stands on a line.',
      '2 b',
    ]);
  });
});
