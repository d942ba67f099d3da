import { describe, expect, it } from 'vitest';
import { checkScoredExamples } from './index.ts';

describe('checkScoredExamples', () => {
  it('tells all problems at once', () => {
    expect(() =>
      checkScoredExamples({
        labels: [0, 2, 1],
        probabilities: [0.5, NaN],
        groups: ['a'],
        weights: [1, -1, 1],
      }),
    ).toThrow(
      'Scores cannot be computed: probabilities must be as many as labels (3), got 2; groups must be as many as labels (3), got 1; ' +
        'labels must be 0 or 1, got 2 at index 1; probabilities must be numbers from 0 to 1, got NaN at index 1; ' +
        'weights must be finite and not negative, got -1 at index 1.',
    );
  });

  it('refuses nothing at all, and weights that leave nothing', () => {
    expect(() => checkScoredExamples({ labels: [], probabilities: [] })).toThrow(
      'Scores cannot be computed: there must be at least one example, got none.',
    );
    expect(() => checkScoredExamples({ labels: [1], probabilities: [1], weights: [0] })).toThrow(
      'weights must not all be 0',
    );
  });

  it('accepts typed arrays', () => {
    expect(() =>
      checkScoredExamples({ labels: Uint8Array.of(0, 1), probabilities: Float32Array.of(0.1, 1) }),
    ).not.toThrow();
  });
});
