import { describe, expect, it } from 'vitest';
import { batchesByLength } from './plan-batches.ts';

describe('batchesByLength', () => {
  it('puts similar lengths together, the longest first', () => {
    expect(batchesByLength([3, 9, 4, 8, 1], { sequences: 2, tokens: 100 })).toEqual([[1, 3], [2, 0], [4]]);
  });

  it('keeps to the tokens, and leaves what is longer alone', () => {
    expect(batchesByLength([50, 5, 5, 5, 1], { sequences: 9, tokens: 11 })).toEqual([[0], [1, 2], [3, 4]]);
    expect(batchesByLength([], { sequences: 2, tokens: 1 })).toEqual([]);
  });
});
