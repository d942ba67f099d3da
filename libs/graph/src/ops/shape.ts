import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import type { Value } from '../value.ts';

/** The lengths of x's axes as an int64 list, computed at run time. */
export function shapeOf(x: Value): Value {
  return x.builder.apply('Shape', [x])[0];
}

/** Operator row of `Shape`. */
export const shapeOp: OpRow = {
  name: 'Shape',
  domain: '',
  arity: [1, 1],
  infer: ([x]) => [{ dtype: 'int64', shape: [x!.shape.length], contents: x!.shape }],
  evaluate: ([x]) => [referenceArray('int64', [x!.shape.length], (axis) => x!.shape[axis])],
  cases: [{ name: 'matrix', inputs: [{ shape: [2, 3], differentiate: false }], build: ([x]) => shapeOf(x) }],
};
