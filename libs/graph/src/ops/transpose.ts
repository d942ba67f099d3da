import type { OpRow } from '../op.ts';
import { offsets, referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';

/** Permutes axes: axis i of the result is axis `permutation[i]` of x. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  return permutation.every((from, to) => from === to)
    ? x
    : x.builder.apply('Transpose', [x], { perm: permutation })[0];
}

/** Operator row of `Transpose`. */
export const transposeOp: OpRow = {
  name: 'Transpose',
  domain: '',
  exact: true,
  attributes: { perm: 'ints' },
  arity: [1, 1],
  infer: ([x], { perm }) => {
    const order = perm as readonly number[];
    if (order.length !== x!.shape.length || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      refuse(
        'Transpose',
        `must get a permutation of ${x!.shape.length} axes. Got [${order.join(', ')}] instead.`,
      );
    }
    return [{ dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]) }];
  },
  evaluate: ([x], { perm }) => {
    const order = perm as readonly number[];
    const steps = x!.shape.map((_, axis) => x!.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const shape = order.map((axis) => x!.shape[axis]);
    const places = offsets(
      shape,
      order.map((axis) => steps[axis]),
    );
    return [referenceArray(x!.dtype, shape, (i) => x!.data[places[i]])];
  },
  gradient: ({ attributes: { perm }, outputGradients: [dy] }) => {
    const order = perm as readonly number[];
    return [
      dy &&
        transpose(
          dy,
          order.map((_, axis) => order.indexOf(axis)),
        ),
    ];
  },
  cases: [
    { name: 'matrix', inputs: [{ shape: [2, 3] }], build: ([x]) => transpose(x, [1, 0]) },
    { name: 'heads', inputs: [{ shape: [2, 3, 4, 5] }], build: ([x]) => transpose(x, [0, 2, 1, 3]) },
    { name: 'turn', inputs: [{ shape: [2, 3, 4] }], build: ([x]) => transpose(x, [2, 0, 1]) },
  ],
};
