import { describe, expect, it } from 'vitest';
import { planBatches } from './plan-batches.ts';

const lengths = Array.from({ length: 1_003 }, (_, i) => 10 + ((i * 7919) % 246));
const plan = (options: Partial<Parameters<typeof planBatches>[1]> = {}) =>
  planBatches(lengths, { batchSize: 16, seed: 0, epoch: 0, ...options });
/** Slots in padded batches per real token. */
const waste = (batches: readonly number[][]): number => {
  const slots = batches.reduce(
    (sum, batch) => sum + batch.length * Math.max(...batch.map((i) => lengths[i] as number)),
    0,
  );
  return slots / lengths.reduce((a, b) => a + b, 0);
};

describe('planBatches', () => {
  it.each([true, false])('takes every example once (length-grouped: %s)', (lengthGrouped) => {
    const batches = plan({ lengthGrouped });
    expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
    expect(batches.map((batch) => batch.length).sort((a, b) => a - b)).toEqual([
      1_003 % 16,
      ...Array.from({ length: 62 }, () => 16),
    ]);
  });

  it('depends on seed and epoch alone', () => {
    expect(plan()).toEqual(plan());
    expect(plan({ epoch: 1 })).not.toEqual(plan());
    expect(plan({ seed: 1 })).not.toEqual(plan());
  });

  it('wastes little when grouped, and much when not', () => {
    expect(waste(plan())).toBeLessThan(1.05);
    expect(waste(plan({ lengthGrouped: false }))).toBeGreaterThan(1.4);
  });

  it('mixes short and long batches over an epoch, and puts other examples together in the next', () => {
    const means = plan().map(
      (batch) => batch.reduce((sum, i) => sum + (lengths[i] as number), 0) / batch.length,
    );
    const half = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
    expect(Math.abs(half(means.slice(0, 31)) - half(means.slice(31)))).toBeLessThan(40);
    const together = new Set(plan().flatMap((batch) => batch.flatMap((a) => batch.map((b) => `${a} ${b}`))));
    const again = plan({ epoch: 1 }).flatMap((batch) =>
      batch.flatMap((a) => batch.filter((b) => b !== a).map((b) => `${a} ${b}`)),
    );
    expect(again.filter((pair) => together.has(pair)).length / again.length).toBeLessThan(0.5);
  });

  it('takes no examples, and refuses batches of none', () => {
    expect(planBatches([], { batchSize: 4, seed: 0, epoch: 0 })).toEqual([]);
    expect(() => plan({ batchSize: 0 })).toThrow(
      'batchSize must be a whole number of at least 1. Got 0 instead.',
    );
  });
});
