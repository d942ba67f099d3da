import { AppError } from '@overture/core';

/**
 * How to weight the loss of each class: computed from the training labels, not at all, or with fixed factors.
 * `beta` is the β of the effective number of samples; `effectiveNumber` uses 0.999.
 */
export type ClassWeighting =
  | 'balanced'
  | 'effectiveNumber'
  | 'none'
  | { readonly beta: number }
  | { readonly noInitiative: number; readonly initiative: number };

const usualBeta = 0.999; // the value that Cui et al. suggest for classes with thousands of examples

/**
 * Computes the factors [noInitiative, initiative] of the loss. `balanced` is n / (2 nₖ), as in scikit-learn.
 * The effective number of nₖ samples is (1 − βⁿᵏ) / (1 − β). Its weights are the inverse, scaled to sum to
 * the number of classes (Cui et al. 2019, arXiv:1901.05555). They range from no weighting (β → 0) to balanced
 * (β → 1).
 * @param labels 0 or 1; labels of the training split only, so that no other split leaks into training
 * @throws AppError `TRAINING_ONE_CLASS` if a class has no examples
 */
export function classWeights(
  weighting: ClassWeighting,
  labels: ArrayLike<number>,
): readonly [number, number] {
  if (typeof weighting === 'object' && !('beta' in weighting))
    return [weighting.noInitiative, weighting.initiative];
  let positive = 0;
  for (let i = 0; i < labels.length; i++) positive += labels[i];
  const negative = labels.length - positive;
  if (positive === 0 || negative === 0) {
    const only = positive === 0 ? 'NO_INITIATIVE' : 'INITIATIVE';
    throw new AppError(
      'TRAINING_ONE_CLASS',
      `The training split must have examples of both classes. Got ${labels.length} of ${only} only. Check the tags, the protocol and the split.`,
      {
        details: { examples: labels.length, initiative: positive },
      },
    );
  }
  return weightsOf(weighting, [negative, positive]);
}

/**
 * Computes the factor of each label's positive examples in a multi-label loss (`pos_weight` of PyTorch's
 * BCEWithLogitsLoss). `balanced` is the number of examples without the label divided by the number with it.
 * The factor is 1 for a label that all examples have, or none.
 * @param flags [examples][labels] of 0 or 1, from the training split
 */
export function positiveWeights(weighting: ClassWeighting, flags: readonly (readonly number[])[]): number[] {
  return Array.from({ length: flags[0]?.length ?? 0 }, (_, label) => {
    if (typeof weighting === 'object' && !('beta' in weighting))
      return weighting.initiative / weighting.noInitiative;
    const positive = flags.reduce((sum, row) => sum + row[label], 0);
    if (positive === 0 || positive === flags.length) return 1;
    const [without, having] = weightsOf(weighting, [flags.length - positive, positive]);
    return having / without;
  });
}

function weightsOf(
  weighting: Exclude<ClassWeighting, { readonly initiative: number }>,
  [negative, positive]: readonly [number, number],
): readonly [number, number] {
  const all = negative + positive;
  if (weighting === 'none') return [1, 1];
  if (weighting === 'balanced') return [all / (2 * negative), all / (2 * positive)];
  const beta = typeof weighting === 'object' ? weighting.beta : usualBeta;
  const inverse = [negative, positive].map((count) => (1 - beta) / (1 - beta ** count));
  return [(2 * inverse[0]) / (inverse[0] + inverse[1]), (2 * inverse[1]) / (inverse[0] + inverse[1])];
}
