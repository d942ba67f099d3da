import { binary, binaryOp } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';

/** a + b elementwise, with broadcasting. */
export function add(a: Operand, b: Operand): Value {
  return binary('Add', a, b);
}

/** Operator row of `Add`. */
export const addOp = binaryOp({ name: 'Add', compute: (a, b) => a + b, gradient: (dy) => [dy, dy] });
