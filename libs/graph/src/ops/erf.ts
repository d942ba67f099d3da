import { unary, unaryOp } from '../elementwise-op.ts';
import { erfOf } from '../erf-of.ts';
import type { Value } from '../value.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';

/** Error function of every element. */
export function erf(x: Value): Value {
  return unary('Erf', x);
}

/** Operator row of `Erf`. */
export const erfOp = unaryOp({
  name: 'Erf',
  compute: erfOf,
  gradient: (dy, x) => mul(dy, mul(exp(mul(mul(x, x), -1)), 2 / Math.sqrt(Math.PI))),
  special: [-10, -3, -0.5, 0, 0.5, 3, 10],
});
