import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { mul } from './mul.ts';

/** eˣ for every element. */
export function exp(x: Value): Value {
  return unary('Exp', x);
}

/** Operator row of `Exp`. */
export const expOp = unaryOp({
  name: 'Exp',
  compute: Math.exp,
  gradient: (dy, _, y) => mul(dy, y),
  special: [-Infinity, -200, 0, 80],
});
