import { reduce, reducedCount, reduceOp, type ReduceOptions } from '../reduce-op.ts';
import type { Value } from '../value.ts';
import { cast } from './cast.ts';
import { div } from './div.ts';
import { mul } from './mul.ts';
import { shapeOf } from './shape.ts';
import { slice } from '../range-builders.ts';

/** Mean over axes. */
export function reduceMean(x: Value, options: ReduceOptions = {}): Value {
  return reduce('ReduceMean', x, options);
}

/** Operator row of `ReduceMean`. */
export const reduceMeanOp = reduceOp({
  name: 'ReduceMean',
  compute: (elements) => elements.reduce((a, b) => a + b, 0) / elements.length,
  gradient: (dy, x, _, axes) => {
    const count = reducedCount(x, axes);
    if (count !== undefined) return mul(dy, 1 / count);
    const lengths = shapeOf(x);
    return axes.reduce((share, axis) => div(share, cast(slice(lengths, 0, axis, axis + 1), 'float32')), dy);
  },
});
