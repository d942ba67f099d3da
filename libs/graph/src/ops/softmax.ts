import { axisOf, softmaxAlong, softmaxOp as row } from '../softmax-op.ts';
import type { Value } from '../value.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';
import { sub } from './sub.ts';

/** eˣ, normalized to sum 1 along an axis. Default: the last. */
export function softmax(x: Value, axis = -1): Value {
  return softmaxAlong('Softmax', x, axis);
}

/** Operator row of `Softmax`. */
export const softmaxOp = row(
  'Softmax',
  (x, largest, sum) => Math.exp(x - largest) / sum,
  ({ outputs: [y], attributes, outputGradients: [dy] }) => [
    dy && mul(y, sub(dy, reduceSum(mul(dy, y), { axes: [axisOf(attributes)], keepDims: true }))),
  ],
);
