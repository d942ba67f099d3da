import { operands, scalarLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { elementwise } from '../reference-array.ts';
import type { Value } from '../value.ts';
import { equal } from './equal.ts';
import { where } from './where.ts';

/** Limits every element to [least, most]. Only elements within the limits pass the gradient on. */
export function clip(x: Value, least: number, most: number): Value {
  return x.builder.apply('Clip', [x, operands(x, least)[1], operands(x, most)[1]])[0];
}

/** Operator row of `Clip`. */
export const clipOp: OpRow = {
  name: 'Clip',
  domain: '',
  arity: [1, 3],
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  evaluate: ([x, least, most]) => [
    elementwise(x!.dtype, [x!], (v) =>
      Math.min(Math.max(v, least?.data[0] ?? -Infinity), most?.data[0] ?? Infinity),
    ),
  ],
  gradient: ({ inputs: [x], outputs: [y], outputGradients: [dy] }) => [
    dy && where(equal(x!, y), dy, scalarLike(dy, 0)),
  ],
  cases: [
    { name: 'both ends', inputs: [{ shape: [3, 4] }], build: ([x]) => clip(x, -0.5, 0.7) },
    { name: 'integers', inputs: [{ shape: [5], dtype: 'int64', values: 9 }], build: ([x]) => clip(x, 2, 4) },
  ],
};
