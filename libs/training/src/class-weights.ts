import { AppError } from '@overture/core';

/** How much an error on each class costs: from the training labels, nothing, or by hand. */
export type ClassWeighting = 'balanced' | 'none' | { readonly noInitiative: number; readonly initiative: number };

/**
 * The factors [noInitiative, initiative] of the loss. `balanced` is n / (2 nₖ), as in scikit-learn.
 * @param labels 0 or 1, of the training split only: other splits must not leak into training
 * @throws AppError `TRAINING_ONE_CLASS`
 */
export function classWeights(weighting: ClassWeighting, labels: ArrayLike<number>): readonly [number, number] {
  if (typeof weighting === 'object') return [weighting.noInitiative, weighting.initiative];
  let positive = 0;
  for (let i = 0; i < labels.length; i++) positive += labels[i];
  const negative = labels.length - positive;
  if (positive === 0 || negative === 0) {
    const only = positive === 0 ? 'NO_INITIATIVE' : 'INITIATIVE';
    throw new AppError('TRAINING_ONE_CLASS', `The training split must have examples of both classes. Got ${labels.length} of ${only} only. Check the tags, the protocol and the split.`, {
      details: { examples: labels.length, initiative: positive },
    });
  }
  return weighting === 'none' ? [1, 1] : [labels.length / (2 * negative), labels.length / (2 * positive)];
}
