import { AppError } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { batched } from './batched.ts';

describe('batched', () => {
  it('joins what is asked for at once, and what is asked for while a batch is on its way', async () => {
    const batches: number[][] = [];
    const [underWay, arrive] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const double = batched(
      async (items: readonly number[]) => {
        batches.push([...items]);
        underWay.resolve();
        await arrive.promise;
        return items.map((item) => item * 2);
      },
      { limit: 4 },
    );
    const first = [1, 2].map((item) => double(item));
    await underWay.promise;
    const second = [3, 4, 5, 6, 7].map((item) => double(item));
    arrive.resolve();
    expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10, 12, 14]);
    expect(batches).toEqual([[1, 2], [3, 4, 5, 6], [7]]);
    expect(await double(8)).toBe(16);
    expect(batches).toHaveLength(4);
  });

  it('lets those wait for others who may, until one may not, the first has waited long enough, or there are enough', async () => {
    const batches: number[][] = [];
    const same = batched(
      async (items: readonly number[]) => {
        batches.push([...items]);
        return items;
      },
      { limit: 4 },
    );
    const relaxed = (item: number, withinMs = 3_600_000): Promise<number> => same(item, { withinMs });
    await Promise.all([relaxed(1), relaxed(2), same(3)]);
    await Promise.all([relaxed(4), relaxed(5), relaxed(6), relaxed(7)]);
    const start = performance.now();
    await Promise.all([relaxed(8), relaxed(9, 30)]);
    expect(performance.now() - start).toBeGreaterThan(25);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  it('starts a batch as soon as all are there that are expected', async () => {
    const batches: number[][] = [];
    const same = batched(async (items: readonly number[]) => {
      batches.push([...items]);
      return items;
    });
    const anHour = { withinMs: 3_600_000 };
    await Promise.all([same(1, anHour), same(2, { ...anHour, expected: 3 }), same(3, anHour)]);
    await same(4, { ...anHour, expected: 1 });
    expect(batches).toEqual([[1, 2, 3], [4]]);
  });

  it('has several batches on their way at once where that is asked for', async () => {
    const batches: number[][] = [];
    const arrivals: (() => void)[] = [];
    const same = batched(
      async (items: readonly number[]) => {
        batches.push([...items]);
        await new Promise<void>((arrive) => arrivals.push(arrive));
        return items;
      },
      { atOnce: 2 },
    );
    // Batches start in the next turn of the event loop.
    const turn = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => void setImmediate(resolve));
    };
    const asked: Promise<number>[] = [];
    for (const item of [1, 2, 3, 4]) {
      asked.push(same(item));
      await turn();
    }
    expect(batches).toEqual([[1], [2]]);
    arrivals[0]?.();
    await asked[0];
    await turn();
    expect(batches).toEqual([[1], [2], [3, 4]]);
    for (const arrive of arrivals) arrive();
    expect(await Promise.all(asked)).toEqual([1, 2, 3, 4]);
  });

  it('tries the items one by one when one of them is at fault', async () => {
    const half = batched(async (items: readonly number[]) => {
      const odd = items.find((item) => item % 2 === 1);
      if (odd !== undefined) throw new AppError('ODD', `${odd} must be even.`);
      return items.map((item) => item / 2);
    });
    const settled = await Promise.allSettled([2, 3, 4, 5].map((item) => half(item)));
    expect(
      settled.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as Error).message)),
    ).toEqual([1, '3 must be even.', 2, '5 must be even.']);
  });

  it("fails all of a batch at once when the trouble is everybody's", async () => {
    let calls = 0;
    const down = batched(async (): Promise<number[]> => {
      calls += 1;
      throw new AppError('DOWN', 'The database must answer.', { retryable: true });
    });
    const settled = await Promise.allSettled([1, 2, 3].map((item) => down(item)));
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toBe(1);
  });
});
