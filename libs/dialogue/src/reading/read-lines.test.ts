import { describe, expect, it } from 'vitest';
import { collected, failureOf, writtenCorpus } from '../testing/written-corpus.ts';
import { readLines } from './read-lines.ts';

const limits = { lineBytes: 1_000_000 };

async function linesOf(content: string | Uint8Array, bytes = limits.lineBytes): Promise<string[]> {
  await using corpus = await writtenCorpus({ file: content });
  return (await collected(readLines(corpus.path('file'), { lineBytes: bytes }))).map(
    ({ text, number }) => `${number}:${text}`,
  );
}

describe('readLines', () => {
  it('reads lines with and without an end, of either kind, and without the byte order mark', async () => {
    expect(await linesOf('\uFEFFa\r\n\n b\nç')).toEqual(['1:a', '2:', '3: b', '4:ç']);
    expect(await linesOf('')).toEqual([]);
    expect(await linesOf('a\n')).toEqual(['1:a']);
  });

  it('joins lines and characters that chunks cut apart', async () => {
    const line = 'é'.repeat(200_001);
    expect(await linesOf(`x${line}\n${line}`)).toEqual([`1:x${line}`, `2:${line}`]);
  });

  it('refuses a line over the limit as soon as it is, and names it', async () => {
    expect(await linesOf('12345\n1234', 5)).toEqual(['1:12345', '2:1234']);
    const error = await failureOf(() => linesOf('1\n123456', 5));
    expect(error).toMatchObject({ code: 'CORPUS_LINE_TOO_LONG', retryable: false, details: { line: 2 } });
    expect(error.message).toMatch(
      /file:2: A line may have up to 5 bytes, and this one is longer\. Put each conversation/,
    );
  });

  it('refuses a line of 50 MB with little memory', async () => {
    const error = await failureOf(() => linesOf(Buffer.alloc(50_000_000, 'x'), 4 * 1024 * 1024));
    expect(error.message).toContain('A line may have up to 4,194,304 bytes');
  });

  it('refuses what is not UTF-8 and what has NUL bytes, and names the line', async () => {
    expect(await failureOf(() => linesOf(Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a)))).toMatchObject({
      code: 'CORPUS_NOT_UTF8',
      details: { line: 2 },
    });
    expect(await failureOf(() => linesOf('a\nb\0c'))).toMatchObject({
      code: 'CORPUS_BINARY',
      details: { line: 2 },
    });
  });

  it('stops when asked to', async () => {
    await using corpus = await writtenCorpus({ file: 'a\n'.repeat(10) });
    await expect(collected(readLines(corpus.path('file'), limits, AbortSignal.abort()))).rejects.toThrow(
      'aborted',
    );
  });
});
