import { scheduleNames, type ScheduleName } from '@overture/training-settings';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { layerRate, rateFactor } from './learning-rate.ts';

// Numbers from transformers: tools/reference/pytorch/optimizers.py
const { schedules } = JSON.parse(
  await readFile(new URL('./reference/optimizers.json', import.meta.url), 'utf8'),
) as {
  schedules: { warmupSteps: number; totalSteps: number; factors: Record<ScheduleName, number[]> };
};

describe('rateFactor', () => {
  it.each(scheduleNames)('%s runs as in transformers', (schedule) => {
    const { warmupSteps, totalSteps, factors } = schedules;
    factors[schedule].forEach((factor, step) =>
      expect(rateFactor(step, { schedule, warmupSteps, totalSteps }), `step ${step}`).toBeCloseTo(factor, 12),
    );
  });

  it('rises from 0 to 1 during warm-up, and starts at 1 without', () => {
    expect(
      [0, 1, 2].map((step) => rateFactor(step, { schedule: 'linear', warmupSteps: 2, totalSteps: 10 })),
    ).toEqual([0, 0.5, 1]);
    expect(rateFactor(0, { schedule: 'cosine', warmupSteps: 0, totalSteps: 10 })).toBe(1);
  });
});

describe('layerRate', () => {
  it('falls from layer to layer down to the embeddings, and not above the top layer', () => {
    expect([4, 3, 2, 1, 0].map((depth) => layerRate(depth, 3, 0.5))).toEqual([1, 1, 0.5, 0.25, 0.125]);
    expect(layerRate(0, 3, 1)).toBe(1);
  });
});
