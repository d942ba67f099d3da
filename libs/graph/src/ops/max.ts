import { binary, binaryOp, scalarLike } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';
import { greater } from './greater.ts';
import { where } from './where.ts';

/** Elementwise maximum, with broadcasting. For equal elements the gradient goes to `b`. */
export function max(a: Operand, b: Operand): Value {
  return binary('Max', a, b);
}

/** Operator row of `Max`. */
export const maxOp = binaryOp({
  name: 'Max',
  compute: Math.max,
  gradient: (dy, { a, b }) => {
    const [chosen, none] = [greater(a, b), scalarLike(dy, 0)];
    return [where(chosen, dy, none), where(chosen, none, dy)];
  },
});
