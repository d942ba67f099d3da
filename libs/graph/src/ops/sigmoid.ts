import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

/** 1 / (1 + e^−x) for every element. */
export function sigmoid(x: Value): Value {
  return unary('Sigmoid', x);
}

/** Operator row of `Sigmoid`. */
export const sigmoidOp = unaryOp({
  name: 'Sigmoid',
  compute: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (dy, _, y) => mul(dy, mul(y, sub(1, y))),
  special: [-80, -1, 0, 1, 80],
});
