import { binary, binaryOp, scalarLike } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';
import { log } from './log.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';

/** a to the power of b elementwise, with broadcasting. The gradient with respect to b requires a > 0. */
export function pow(a: Operand, b: Operand): Value {
  return binary('Pow', a, b);
}

/** Operator row of `Pow`. */
export const powOp = binaryOp({
  name: 'Pow',
  compute: (a, b) => a ** b,
  values: 'positive',
  gradient: (dy, { a, b, outputs: [y], wants }) => [
    wants[0] ? mul(dy, mul(b, pow(a, sub(b, scalarLike(b, 1))))) : undefined,
    wants[1] ? mul(dy, mul(y, log(a))) : undefined,
  ],
});
