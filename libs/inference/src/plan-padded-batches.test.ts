import { describe, expect, it } from 'vitest';
import { planPaddedBatches } from './plan-padded-batches.ts';

describe('planPaddedBatches', () => {
  it('puts similar lengths together, longest first, within the room', () => {
    expect(planPaddedBatches([3, 10, 4, 9], 20)).toEqual([[1, 3], [2, 0]]);
    expect(planPaddedBatches([], 20)).toEqual([]);
  });

  it('holds every index once, and exceeds the room only by a single sequence', () => {
    const lengths = Array.from({ length: 500 }, (_, i) => 1 + ((i * 7919) % 300));
    const batches = planPaddedBatches(lengths, 256);
    expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
    for (const batch of batches) expect(batch.length === 1 || Math.max(...batch.map((i) => lengths[i]!)) * batch.length <= 256).toBe(true);
  });
});
