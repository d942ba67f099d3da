import { binary, binaryOp } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';

/** a = b as bool, with broadcasting. */
export function equal(a: Operand, b: Operand): Value {
  return binary('Equal', a, b);
}

/** Operator row of `Equal`. */
export const equalOp = binaryOp({
  name: 'Equal',
  compute: (a, b) => Number(a === b),
  result: 'bool',
  special: [
    [1, 1],
    [2, 1],
    [0, -0],
  ],
});
