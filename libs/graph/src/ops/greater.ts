import { binary, binaryOp } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';

/** a > b as bool, with broadcasting. */
export function greater(a: Operand, b: Operand): Value {
  return binary('Greater', a, b);
}

/** Operator row of `Greater`. */
export const greaterOp = binaryOp({
  name: 'Greater',
  compute: (a, b) => Number(a > b),
  result: 'bool',
  special: [
    [1, 1],
    [2, 1],
    [1, 2],
  ],
});
