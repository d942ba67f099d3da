import { describe, expect, it } from 'vitest';
import { inBatches } from './in-batches.ts';

async function collect<T>(batches: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

describe('inBatches', () => {
  it('fills batches while the stream is quick', async () => {
    async function* quick(): AsyncGenerator<number> {
      for (let i = 0; i < 5; i++) yield i;
    }
    expect(await collect(inBatches(quick(), { size: 2, idleMs: 600_000 }))).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('does not let an item wait for a slow successor', async () => {
    const batchSeen = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<string> {
      yield 'a';
      yield 'b';
      await batchSeen.promise;
      yield 'c';
    }
    const seen: string[][] = [];
    for await (const batch of inBatches(slow(), { size: 100, idleMs: 50 })) {
      seen.push(batch);
      if (seen.flat().length === 2) batchSeen.resolve();
    }
    expect(seen.flat()).toEqual(['a', 'b', 'c']);
    expect(seen.at(-1)).toEqual(['c']);
  });

  it('hands on what was read before an error', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('line 2 is torn');
    }
    const seen: number[][] = [];
    const reading = (async () => {
      for await (const batch of inBatches(broken(), { size: 10, idleMs: 1_000 })) seen.push(batch);
    })();
    await expect(reading).rejects.toThrow('line 2 is torn');
    expect(seen).toEqual([[1]]);
  });
});
