import { axisOf, softmaxAlong, softmaxOp } from '../softmax-op.ts';
import type { Value } from '../value.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { sub } from './sub.ts';

/** Logarithm of the softmax along an axis. Default: the last. */
export function logSoftmax(x: Value, axis = -1): Value {
  return softmaxAlong('LogSoftmax', x, axis);
}

/** Operator row of `LogSoftmax`. */
export const logSoftmaxOp = softmaxOp(
  'LogSoftmax',
  (x, largest, sum) => x - largest - Math.log(sum),
  ({ outputs: [y], attributes, outputGradients: [dy] }) => [
    dy && sub(dy, mul(exp(y), reduceSum(dy, { axes: [axisOf(attributes)], keepDims: true }))),
  ],
);
