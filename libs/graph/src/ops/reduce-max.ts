import { reduce, reduceOp, type ReduceOptions } from '../reduce-op.ts';
import type { Value } from '../value.ts';
import { cast } from './cast.ts';
import { div } from './div.ts';
import { equal } from './equal.ts';
import { mul } from './mul.ts';
import { reduceSum } from './reduce-sum.ts';

/** Maximum over axes. Equal maxima share the gradient. */
export function reduceMax(x: Value, options: ReduceOptions = {}): Value {
  return reduce('ReduceMax', x, options);
}

/** Operator row of `ReduceMax`. */
export const reduceMaxOp = reduceOp({
  name: 'ReduceMax',
  compute: (elements) => Math.max(...elements),
  gradient: (dy, x, y, axes) => {
    const chosen = cast(equal(x, y), 'float32');
    return mul(chosen, div(dy, reduceSum(chosen, { axes, keepDims: true })));
  },
});
