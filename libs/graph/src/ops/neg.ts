import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';

/** −x for every element. */
export function neg(x: Value): Value {
  return unary('Neg', x);
}

/** Operator row of `Neg`. */
export const negOp = unaryOp({ name: 'Neg', compute: (x) => -x, gradient: (dy) => neg(dy) });
