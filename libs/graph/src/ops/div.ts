import { binary, binaryOp } from '../elementwise-op.ts';
import type { Operand, Value } from '../value.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';

/** a / b elementwise, with broadcasting. */
export function div(a: Operand, b: Operand): Value {
  return binary('Div', a, b);
}

/** Operator row of `Div`. */
export const divOp = binaryOp({
  name: 'Div',
  compute: (a, b) => a / b,
  values: 'positive',
  gradient: (dy, { b, outputs: [y], wants }) => {
    const da = div(dy, b);
    return [wants[0] ? da : undefined, wants[1] ? neg(mul(da, y)) : undefined];
  },
});
