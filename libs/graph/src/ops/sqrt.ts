import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';

/** Square root of every element. */
export function sqrt(x: Value): Value {
  return unary('Sqrt', x);
}

/** Operator row of `Sqrt`. */
export const sqrtOp = unaryOp({
  name: 'Sqrt',
  compute: Math.sqrt,
  gradient: (dy, _, y) => div(mul(dy, 0.5), y),
  values: 'positive',
  special: [0, 1e-30, Infinity],
});
