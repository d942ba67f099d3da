import { AppError } from '@overture/core';

/**
 * How much an error on each class costs: from the training labels, nothing, or by hand. `beta` is that of the effective number of
 * samples, which `effectiveNumber` sets to 0.999.
 */
export type ClassWeighting = 'balanced' | 'effectiveNumber' | 'none' | { readonly beta: number } | { readonly noInitiative: number; readonly initiative: number };

const usualBeta = 0.999; // of those that Cui et al. try, the one for classes of thousands

/**
 * The factors [noInitiative, initiative] of the loss. `balanced` is n / (2 nₖ), as in scikit-learn. The effective number of nₖ
 * samples is (1 − βⁿᵏ) / (1 − β), and weights are its inverse, summing to the number of classes (Cui et al. 2019, arXiv:1901.05555):
 * between none (β → 0) and balanced (β → 1), for classes so large that their examples repeat each other.
 * @param labels 0 or 1, of the training split only: other splits must not leak into training
 * @throws AppError `TRAINING_ONE_CLASS`
 */
export function classWeights(weighting: ClassWeighting, labels: ArrayLike<number>): readonly [number, number] {
  if (typeof weighting === 'object' && !('beta' in weighting)) return [weighting.noInitiative, weighting.initiative];
  let positive = 0;
  for (let i = 0; i < labels.length; i++) positive += labels[i];
  const negative = labels.length - positive;
  if (positive === 0 || negative === 0) {
    const only = positive === 0 ? 'NO_INITIATIVE' : 'INITIATIVE';
    throw new AppError('TRAINING_ONE_CLASS', `The training split must have examples of both classes. Got ${labels.length} of ${only} only. Check the tags, the protocol and the split.`, {
      details: { examples: labels.length, initiative: positive },
    });
  }
  return weightsOf(weighting, [negative, positive]);
}

/**
 * For labels that may hold at once: how much more an error costs where a label holds than where it does not (`pos_weight` of PyTorch's
 * BCEWithLogitsLoss), by label; `balanced` is the number without it by the number with it. 1 where the labels do not tell.
 * @param flags 0 or 1 by label, of each example of the training split
 */
export function positiveWeights(weighting: ClassWeighting, flags: readonly (readonly number[])[]): number[] {
  return Array.from({ length: flags[0]?.length ?? 0 }, (_, label) => {
    if (typeof weighting === 'object' && !('beta' in weighting)) return weighting.initiative / weighting.noInitiative;
    const positive = flags.reduce((sum, row) => sum + row[label], 0);
    if (positive === 0 || positive === flags.length) return 1;
    const [without, having] = weightsOf(weighting, [flags.length - positive, positive]);
    return having / without;
  });
}

function weightsOf(weighting: Exclude<ClassWeighting, { readonly initiative: number }>, [negative, positive]: readonly [number, number]): readonly [number, number] {
  const all = negative + positive;
  if (weighting === 'none') return [1, 1];
  if (weighting === 'balanced') return [all / (2 * negative), all / (2 * positive)];
  const beta = typeof weighting === 'object' ? weighting.beta : usualBeta;
  const inverse = [negative, positive].map((count) => (1 - beta) / (1 - beta ** count));
  return [(2 * inverse[0]) / (inverse[0] + inverse[1]), (2 * inverse[1]) / (inverse[0] + inverse[1])];
}
