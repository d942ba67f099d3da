import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

/** Hyperbolic tangent of every element. */
export function tanh(x: Value): Value {
  return unary('Tanh', x);
}

/** Operator row of `Tanh`. */
export const tanhOp = unaryOp({
  name: 'Tanh',
  compute: Math.tanh,
  gradient: (dy, _, y) => mul(dy, sub(1, mul(y, y))),
  special: [-100, -1, 0, 1, 100],
});
