import { describe, expect, it } from 'vitest';
import { classWeights } from './class-weights.ts';

describe('classWeights', () => {
  it('balances: both classes weigh the same in sum, and the mean weight is 1', () => {
    const [no, yes] = classWeights('balanced', [0, 0, 0, 1]);
    expect([no, yes]).toEqual([4 / 6, 2]);
    expect(3 * no + 1 * yes).toBeCloseTo(4);
  });

  it('takes none and manual weights as they are', () => {
    expect(classWeights('none', [0, 1, 1])).toEqual([1, 1]);
    expect(classWeights({ noInitiative: 0.5, initiative: 3 }, [0, 1])).toEqual([0.5, 3]);
  });

  it('refuses a training split of one class', () => {
    expect(() => classWeights('none', [0, 0])).toThrow('The training split must have examples of both classes. Got 2 of NO_INITIATIVE only.');
  });
});
