import { AppError } from '@overture/core';

/**
 * A model's predictions for n examples, with the true labels. Class 1 is "initiative". Array-likes, so that
 * typed and plain arrays are both accepted without a copy.
 */
export interface ScoredExamples {
  /** n labels, 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** n probabilities of class 1, in [0, 1]. */
  readonly probabilities: ArrayLike<number>;
  /**
   * n conversation ids: examples of one conversation are resampled together. Default: each example on its
   * own.
   */
  readonly groups?: ArrayLike<string>;
  /** n weights ≥ 0; an integer weight counts as that many copies. Default: 1 each. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Checks the input and reports all problems at once.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function checkScoredExamples(examples: ScoredExamples): void {
  const { labels, probabilities, groups, weights } = examples;
  const n = labels.length;
  const problems: string[] = [];
  if (n === 0) problems.push('there must be at least one example, got none');
  for (const [name, values] of Object.entries({ probabilities, groups, weights })) {
    if (values && values.length !== n)
      problems.push(`${name} must be as many as labels (${n}), got ${values.length}`);
  }
  const firstBad = (values: ArrayLike<number>, ok: (value: number) => boolean): number => {
    for (let i = 0; i < values.length; i++) if (!ok(values[i])) return i;
    return -1;
  };
  const report = (
    name: string,
    values: ArrayLike<number>,
    rule: string,
    ok: (value: number) => boolean,
  ): void => {
    const i = firstBad(values, ok);
    if (i >= 0) problems.push(`${name} must be ${rule}, got ${values[i]} at index ${i}`);
  };
  report('labels', labels, '0 or 1', (label) => label === 0 || label === 1);
  report('probabilities', probabilities, 'numbers from 0 to 1', (p) => p >= 0 && p <= 1);
  if (weights) {
    report('weights', weights, 'finite and not negative', (w) => w >= 0 && Number.isFinite(w));
    if (n > 0 && !(sum(weights) > 0)) problems.push('weights must not all be 0');
  }
  if (problems.length > 0) {
    throw new AppError('METRICS_INPUT_INVALID', `Scores cannot be computed: ${problems.join('; ')}.`, {
      details: { problems },
    });
  }
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
