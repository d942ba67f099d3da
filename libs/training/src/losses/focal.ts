import { exp, logSoftmax, mul, neg, pow, reduceSum, sub } from '@overture/graph';
import { classOf, negLogSoftmax, type Loss } from './loss.ts';

/**
 * Focal loss: Σ wᵧ (1 − pᵧ)^γ · −log pᵧ / Σ wᵧ with p = softmax(logits) (Lin et al. 2017, arXiv:1708.02002,
 * equation 5). It down-weights examples that are already classified well. γ = 0 would be the cross-entropy.
 * @param gamma γ, at least 1: below 1 the slope at p = 1 is infinite
 */
export function focal(gamma: number): Loss {
  return {
    targetShape: (classes) => [classes],
    targets: (label, weights) => weights.map((weight, k) => (k === classOf(label) ? weight : 0)),
    share: (label, weights) => weights[classOf(label)],
    sum(logits, targets) {
      const logP = logSoftmax(logits);
      return reduceSum(mul(mul(targets, pow(sub(1, exp(logP)), gamma)), neg(logP)));
    },
    of: (logits, targets) =>
      negLogSoftmax(logits).reduce(
        (sum, nll, k) => sum + targets[k] * (1 - Math.exp(-nll)) ** gamma * nll,
        0,
      ),
  };
}
