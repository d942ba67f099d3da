import { reduce, reduceOp, type ReduceOptions } from '../reduce-op.ts';
import type { Value } from '../value.ts';
import { mul } from './mul.ts';

/** Sum of squares over axes. */
export function reduceSumSquare(x: Value, options: ReduceOptions = {}): Value {
  return reduce('ReduceSumSquare', x, options);
}

/** Operator row of `ReduceSumSquare`. */
export const reduceSumSquareOp = reduceOp({
  name: 'ReduceSumSquare',
  compute: (elements) => elements.reduce((sum, x) => sum + x * x, 0),
  gradient: (dy, x) => mul(x, mul(dy, 2)),
});
