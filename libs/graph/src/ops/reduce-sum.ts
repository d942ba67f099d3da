import { reduce, reduceOp, type ReduceOptions } from '../reduce-op.ts';
import type { Value } from '../value.ts';

/** Sum over axes. */
export function reduceSum(x: Value, options: ReduceOptions = {}): Value {
  return reduce('ReduceSum', x, options);
}

/** Operator row of `ReduceSum`. */
export const reduceSumOp = reduceOp({
  name: 'ReduceSum',
  compute: (elements) => elements.reduce((a, b) => a + b, 0),
  gradient: (dy) => dy,
});
