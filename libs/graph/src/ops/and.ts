import { inferElementwise } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { elementwise } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { greater } from './greater.ts';

/** Logical conjunction of bool values, with broadcasting. */
export function and(a: Value, b: Value): Value {
  return a.builder.apply('And', [a, b])[0];
}

/** Operator row of `And`. */
export const andOp: OpRow = {
  name: 'And',
  domain: '',
  arity: [2, 2],
  infer: ([a, b]) => {
    if (a!.dtype !== 'bool') refuse('And', `must get bool operands. Got ${a!.dtype} instead.`);
    return [inferElementwise('And', [a, b])];
  },
  evaluate: ([a, b]) => [elementwise('bool', [a!, b!], (x, y) => Number(x !== 0 && y !== 0))],
  cases: [
    {
      name: 'broadcast',
      inputs: [
        { shape: [4, 1], differentiate: false },
        { shape: [3], differentiate: false },
      ],
      build: ([a, b]) => and(greater(a, 0), greater(b, 0)),
    },
  ],
};
