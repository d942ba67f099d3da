import { binary, binaryOp } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';
import { neg } from './neg.ts';

/** a − b elementwise, with broadcasting. */
export function sub(a: Operand, b: Operand): Value {
  return binary('Sub', a, b);
}

/** Operator row of `Sub`. */
export const subOp = binaryOp({
  name: 'Sub',
  compute: (a, b) => a - b,
  gradient: (dy, { wants }) => [dy, wants[1] ? neg(dy) : undefined],
});
