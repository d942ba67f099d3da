import { normalAxis } from '../dims.ts';
import type { OpRow } from '../op.ts';
import { squeeze } from '../axis-builders.ts';
import { unsqueeze } from '../axis-builders.ts';

const widened = <T>(shape: readonly T[], axes: readonly number[]): (T | 1)[] => {
  const rank = shape.length + axes.length;
  const added = axes.map((axis) => normalAxis(axis, rank));
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : (rest.shift() as T)));
};

/** Operator row of `Unsqueeze`. */
export const unsqueezeOp: OpRow = {
  name: 'Unsqueeze',
  domain: '',
  exact: true,
  arity: [2, 2],
  infer: ([x, axes]) => [{ dtype: x!.dtype, shape: widened(x!.shape, axes!.contents as readonly number[]) }],
  evaluate: ([x, axes]) => [{ ...x!, shape: widened(x!.shape, Array.from(axes!.data)) }],
  gradient: ({ inputs: [x, axes], outputGradients: [dy] }) => {
    const rank = x!.shape.length + axes!.contents!.length;
    return [
      dy &&
        squeeze(
          dy,
          (axes!.contents as readonly number[]).map((axis) => normalAxis(axis, rank)),
        ),
    ];
  },
  cases: [{ name: 'front and back', inputs: [{ shape: [3, 2] }], build: ([x]) => unsqueeze(x, [0, -1]) }],
};
