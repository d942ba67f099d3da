import { concat, logSoftmax, mul, neg, reduceSum, unsqueeze, zerosLike } from '@overture/graph';
import { negLogSoftmax, type Label, type Loss } from './loss.ts';

/**
 * Multi-label loss: the mean over examples and classes of −[w y log σ(x) + (1 − y) log(1 − σ(x))], as
 * torch.nn.BCEWithLogitsLoss(pos_weight=w). The graph computes a softmax over the pairs [0, x], which never
 * overflows.
 */
export function binaryCrossEntropy(): Loss {
  return {
    targetShape: (classes) => [classes, 2],
    targets: (label, weights) =>
      flags(label, weights.length).flatMap((flag, k) => [1 - flag, flag * weights[k]]),
    share: (_, weights) => weights.length,
    sum(logits, targets) {
      const x = unsqueeze(logits, [logits.shape.length]);
      const pairs = concat([zerosLike(x), x], logits.shape.length); // [examples, classes, 2]
      return reduceSum(neg(mul(targets, logSoftmax(pairs))));
    },
    of: (logits, targets) =>
      logits.reduce((sum, x, k) => {
        const [no, yes] = negLogSoftmax([0, x]);
        return sum + targets[2 * k] * no + targets[2 * k + 1] * yes;
      }, 0),
  };
}

function flags(label: Label, classes: number): readonly number[] {
  return typeof label === 'number' ? Array.from({ length: classes }, (_, k) => Number(k === label)) : label;
}
