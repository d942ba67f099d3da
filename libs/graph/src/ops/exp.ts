import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { mul } from './mul.ts';

/** e to the power of every element. */
export function exp(x: Value): Value {
  return unary('Exp', x);
}

export const expOp = unaryOp({ name: 'Exp', compute: Math.exp, gradient: (dy, _, y) => mul(dy, y), special: [-Infinity, -200, 0, 80] });
