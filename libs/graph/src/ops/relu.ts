import { scalarLike, unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { greater } from './greater.ts';
import { where } from './where.ts';

/** max(x, 0) for every element. */
export function relu(x: Value): Value {
  return unary('Relu', x);
}

/** Operator row of `Relu`. */
export const reluOp = unaryOp({
  name: 'Relu',
  compute: (x) => Math.max(x, 0),
  gradient: (dy, _, y) => where(greater(y, 0), dy, scalarLike(dy, 0)),
  special: [-1, 0, 1],
});
