import type { budgetArms } from '@overture/contracts';
import type { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { estimateSeconds, type EstimateBasis } from '../study-estimate.ts';
import { rule, runStage, storedCorpus, zugConversations } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { budgetArmsStage } from './budget.ts';

const pass = {
  network: 'encoder',
  over: 'train',
  maxLength: 64,
  promptTokens: 0,
  operations: 6,
  times: 1,
  precision: 'float32',
} as const;

describe('estimateSeconds', () => {
  const basis: EstimateBasis = {
    texts: { examples: Array.from({ length: 1000 }, () => 40), turns: [10, 10] },
    folds: 5,
    innerFolds: 10,
    networks: { encoder: { weights: 10e6, layers: 5 } },
    speed: 100e9,
  };
  const seconds = (changes: Partial<typeof pass> | object, parts = 5) =>
    estimateSeconds({ parts, passes: [{ ...pass, ...changes }] }, basis) -
    estimateSeconds({ parts, passes: [{ ...pass, ...changes, times: 0 }] }, basis);

  it("counts operations: tokens × weights × six, over the machine's speed", () => {
    // 72 % of 1,000 examples of 44 tokens, in each of five folds
    expect(seconds({})).toBeCloseTo((5 * 0.72 * 44_000 * 6 * 10e6) / (0.6 * 100e9), 6);
    expect(seconds({ over: 'test' })).toBeCloseTo((5 * 0.2 * 44_000 * 6 * 10e6) / (0.6 * 100e9), 6);
    expect(seconds({ maxLength: 22 })).toBeCloseTo(seconds({}) / 2, 6);
    expect(seconds({ precision: 'int8' })).toBeCloseTo(seconds({}) / 1.5, 6);
    expect(seconds({}, 10)).toBeCloseTo(2 * seconds({}), 6);
  });

  it('counts the layers that are computed, and what all folds share once', () => {
    expect(seconds({ from: 2 })).toBeCloseTo(seconds({}) * 0.6, 6);
    expect(seconds({ over: 'examples', to: 2, operations: 2 })).toBeCloseTo(
      (0.4 * 44_000 * 2 * 10e6) / (0.6 * 100e9),
      6,
    );
    expect(seconds({ from: 9, to: 9 })).toBe(0);
  });

  it('counts turns once, whatever the folds', () => {
    expect(seconds({ over: 'turns', operations: 2 })).toBeCloseTo((22 * 2 * 10e6) / (0.6 * 100e9), 9);
    expect(seconds({ over: 'turns' }, 50)).toBeCloseTo(seconds({ over: 'turns' }, 5), 9);
  });
});

describe('budgetArms', () => {
  const arms: z.input<typeof budgetArms.input>['arms'] = [
    { arm: 'tfidfBalanced', parts: 0, passes: [] },
    { arm: 'encoderBalanced', parts: 2, passes: [pass] },
    { arm: 'languageModelBalanced', parts: 2, passes: [{ ...pass, network: 'languageModel', times: 1e8 }] },
  ];
  const budget = async (budgetMinutes: number) => {
    await using test = await testServices();
    const corpus = await storedCorpus(test, zugConversations);
    return await runStage(test, budgetArmsStage, {
      corpus,
      ...rule,
      splits: ['train'],
      folds: 2,
      innerFolds: 4,
      arms,
      budgetMinutes,
    });
  };

  it('keeps everything where there is time enough', async () => {
    expect(await budget(1e9)).toMatchObject({
      dropped: [],
      runs: { tfidfBalanced: true, encoderBalanced: true, languageModelBalanced: true },
    });
  });

  it('drops the most expensive arms first', async () => {
    const { runs, dropped, estimates } = await budget(10);
    expect(runs).toEqual({ tfidfBalanced: true, encoderBalanced: true, languageModelBalanced: false });
    expect(dropped.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^it would take about \d+ minutes, and 9\.\d of the 10 in the budget were left$/),
    ]);
    expect(estimates.map(({ arm }) => arm)).toEqual(arms.map(({ arm }) => arm));
  });

  it('says before anything is trained that not even one arm fits', async () => {
    const refused = budget(0.01);
    await expect(refused).rejects.toMatchObject({ code: 'BUDGET_TOO_SMALL', retryable: false });
    await expect(refused).rejects.toThrow(
      /Got 0.01 minutes, and the cheapest, encoderBalanced, would take about 0.\d\d minutes/,
    );
  });
});
