import { normalAxis } from '../dims.ts';
import type { OpRow } from '../op.ts';
import { refuse } from '../refuse.ts';
import { unsqueeze } from '../axis-builders.ts';
import { squeeze } from '../axis-builders.ts';

const kept = <T>(shape: readonly T[], axes: readonly number[]): T[] => {
  const dropped = axes.map((axis) => normalAxis(axis, shape.length));
  return shape.filter((_, axis) => !dropped.includes(axis));
};

/** Operator row of `Squeeze`. */
export const squeezeOp: OpRow = {
  name: 'Squeeze',
  domain: '',
  exact: true,
  arity: [2, 2],
  infer: ([x, axes]) => {
    const which = axes!.contents as readonly number[];
    for (const axis of which) {
      const dim = x!.shape[normalAxis(axis, x!.shape.length)];
      if (dim !== 1) refuse('Squeeze', `can drop axes of length 1 only. Got axis ${axis} of length ${dim}.`);
    }
    return [{ dtype: x!.dtype, shape: kept(x!.shape, which) }];
  },
  evaluate: ([x, axes]) => [{ ...x!, shape: kept(x!.shape, Array.from(axes!.data)) }],
  gradient: ({ inputs: [x, axes], outputGradients: [dy] }) => {
    return [
      dy &&
        unsqueeze(
          dy,
          (axes!.contents as readonly number[])
            .map((axis) => normalAxis(axis, x!.shape.length))
            .sort((a, b) => a - b),
        ),
    ];
  },
  cases: [{ name: 'first and last', inputs: [{ shape: [1, 3, 2, 1] }], build: ([x]) => squeeze(x, [-1, 0]) }],
};
