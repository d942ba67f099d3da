import { describe, expect, it } from 'vitest';
import { isBetter, shouldStopEarly } from './selection.ts';
import type { EpochRecord } from './training-progress.ts';

const record = (scores: Partial<EpochRecord>): EpochRecord => ({
  epoch: 1,
  step: 10,
  trainLoss: 1,
  validLoss: 1,
  macroF1: 0.5,
  positiveRecall: 0.5,
  auc: 0.5,
  averagePrecision: 0.5,
  ...scores,
});

describe('isBetter', () => {
  it('goes by the chosen metric, upwards or downwards', () => {
    const [a, b] = [
      record({ macroF1: 0.6, auc: 0.7, validLoss: 0.9 }),
      record({ macroF1: 0.5, auc: 0.8, validLoss: 1.1 }),
    ];
    expect(isBetter(a, b, 'macroF1')).toBe(true);
    expect(isBetter(a, b, 'auc')).toBe(false);
    expect(isBetter(a, b, 'validLoss')).toBe(true);
    expect(isBetter(b, a, 'validLoss')).toBe(false);
  });

  it('takes the lower loss of equals, the first epoch, and the later one without scores', () => {
    expect(isBetter(record({ validLoss: 0.5 }), record({}), 'averagePrecision')).toBe(true);
    expect(isBetter(record({}), record({}), 'averagePrecision')).toBe(false);
    expect(isBetter(record({}), undefined, 'auc')).toBe(true);
    expect(isBetter(record({ auc: null }), record({ auc: null }), 'auc')).toBe(true);
  });
});

describe('shouldStopEarly', () => {
  it('counts the epochs since the best; 0 never ends', () => {
    const history = [record({}), record({}), record({})];
    expect(shouldStopEarly({ history, bestEpoch: 1 }, 2)).toBe(true);
    expect(shouldStopEarly({ history, bestEpoch: 2 }, 2)).toBe(false);
    expect(shouldStopEarly({ history, bestEpoch: 1 }, 0)).toBe(false);
    expect(shouldStopEarly({ history: [], bestEpoch: 0 }, 1)).toBe(false);
  });
});
