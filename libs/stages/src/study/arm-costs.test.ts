import type { RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { armCosts } from './arm-costs.ts';

describe('armCosts', () => {
  it('adds up what the parts of an arm took, and takes the highest peak', async () => {
    const part = (workflowId: string, seconds: number, measured?: Record<string, number>) => ({
      workflowId,
      stage: measured ? 'fineTune' : 'takeFold',
      seconds,
      measured: measured ?? {},
    });
    const costsOfParts = async () => [
      part('study-1/encoderBalanced[0]', 10, { cpuSeconds: 19, peakBytes: 5, tokens: 100 }),
      part('study-1/encoderBalanced[0]', 1),
      part('study-1/encoderBalanced[1]', 12, { cpuSeconds: 20, peakBytes: 7, tokens: 90 }),
      part('study-1/frozenEncoder[0]', 3),
      part('study-1/floors[0]', 100),
      part('study-1/encoderFocal[0]', 5, { cpuSeconds: 9 }),
      part('study-1/encoderFocal[1]', 6, {}),
    ];
    expect(
      await armCosts({ costsOfParts }, 'study-1/run' as RunId, [
        'encoderBalanced',
        'frozenEncoder',
        'encoderFocal',
        'tfidfBalanced',
      ]),
    ).toEqual([
      { arm: 'encoderBalanced', seconds: 23, cpuSeconds: 39, peakBytes: 7, tokens: 190 },
      { arm: 'frozenEncoder', seconds: 3 },
      { arm: 'encoderFocal', seconds: 11 }, // one of its parts was not measured
    ]);
  });
});
