import { binary, binaryOp } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';

/** a ≥ b as bool, with broadcasting. */
export function greaterOrEqual(a: Operand, b: Operand): Value {
  return binary('GreaterOrEqual', a, b);
}

/** Operator row of `GreaterOrEqual`. */
export const greaterOrEqualOp = binaryOp({
  name: 'GreaterOrEqual',
  compute: (a, b) => Number(a >= b),
  result: 'bool',
  special: [
    [1, 1],
    [2, 1],
    [1, 2],
    [0, -0],
  ],
});
