import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';

/** 1 / x for every element. */
export function reciprocal(x: Value): Value {
  return unary('Reciprocal', x);
}

/** Operator row of `Reciprocal`. */
export const reciprocalOp = unaryOp({
  name: 'Reciprocal',
  compute: (x) => 1 / x,
  gradient: (dy, _, y) => neg(mul(dy, mul(y, y))),
  values: 'positive',
  special: [-2, Infinity],
});
