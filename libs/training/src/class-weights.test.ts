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

  it('counts the effective number of examples, between none and balanced', () => {
    const labels = [...Array<number>(900).fill(0), ...Array<number>(100).fill(1)];
    const [no, yes] = classWeights({ beta: 0.99 }, labels);
    // (1 − 0.99ⁿ) / 0.01: 99.988 for 900 and 63.397 for 100 examples
    expect(yes / no).toBeCloseTo(99.988 / 63.397, 4);
    expect(no + yes).toBeCloseTo(2);
    expect(classWeights('effectiveNumber', labels)).toEqual(classWeights({ beta: 0.999 }, labels));
    const [balancedNo, balancedYes] = classWeights('balanced', labels);
    const [nearNo, nearYes] = classWeights({ beta: 1 - 1e-9 }, labels);
    expect(nearYes / nearNo).toBeCloseTo(balancedYes / balancedNo, 3);
  });

  it('refuses a training split of one class', () => {
    expect(() => classWeights('none', [0, 0])).toThrow(
      'The training split must have examples of both classes. Got 2 of NO_INITIATIVE only.',
    );
  });
});
