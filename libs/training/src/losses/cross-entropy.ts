import { logSoftmax, mul, neg, reduceSum } from '@overture/graph';
import { classOf, negLogSoftmax, type Loss } from './loss.ts';

/**
 * PyTorch's weighted mean Σ wᵧ · −log softmax(logits)ᵧ / Σ wᵧ, optionally with label smoothing (Szegedy et
 * al. 2016, arXiv:1512.00567, section 7). The label keeps 1 − ε, and ε is spread over all classes, each with
 * its own weight, as in torch.nn.CrossEntropyLoss.
 * @param labelSmoothing ε, from 0 to under 1. Default 0
 */
export function crossEntropy(labelSmoothing = 0): Loss {
  return {
    targetShape: (classes) => [classes],
    targets: (label, weights) =>
      weights.map(
        (weight, k) =>
          (k === classOf(label) ? (1 - labelSmoothing) * weight : 0) +
          (labelSmoothing * weight) / weights.length,
      ),
    share: (label, weights) => weights[classOf(label)],
    sum: (logits, targets) => reduceSum(neg(mul(targets, logSoftmax(logits)))),
    of: (logits, targets) => negLogSoftmax(logits).reduce((sum, nll, k) => sum + targets[k] * nll, 0),
  };
}
