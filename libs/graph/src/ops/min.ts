import { binary, binaryOp, scalarLike } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';
import { greater } from './greater.ts';
import { where } from './where.ts';

/** Elementwise minimum, with broadcasting. For equal elements the gradient goes to `a`. */
export function min(a: Operand, b: Operand): Value {
  return binary('Min', a, b);
}

/** Operator row of `Min`. */
export const minOp = binaryOp({
  name: 'Min',
  compute: Math.min,
  gradient: (dy, { a, b }) => {
    const [larger, none] = [greater(a, b), scalarLike(dy, 0)];
    return [where(larger, none, dy), where(larger, dy, none)];
  },
});
