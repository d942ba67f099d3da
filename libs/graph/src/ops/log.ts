import { unary, unaryOp } from '../elementwise-op.ts';
import type { Value } from '../value.ts';
import { div } from './div.ts';

/** Natural logarithm of every element. */
export function log(x: Value): Value {
  return unary('Log', x);
}

/** Operator row of `Log`. */
export const logOp = unaryOp({
  name: 'Log',
  compute: Math.log,
  gradient: (dy, x) => div(dy, x),
  values: 'positive',
  special: [1, 1e-20, 1e20],
});
