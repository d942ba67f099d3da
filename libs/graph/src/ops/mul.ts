import { binary, binaryOp } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';

/** a · b elementwise, with broadcasting. */
export function mul(a: Operand, b: Operand): Value {
  return binary('Mul', a, b);
}

/** Operator row of `Mul`. */
export const mulOp = binaryOp({
  name: 'Mul',
  compute: (a, b) => a * b,
  gradient: (dy, { a, b, wants }) => [wants[0] ? mul(dy, b) : undefined, wants[1] ? mul(dy, a) : undefined],
});
