import { dimProduct, dimQuotient, formatShape, sameDims, type Dim, type Shape } from '../dims.ts';
import { listLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { elementCount } from '@overture/tensors';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { shapeOf } from './shape.ts';

/**
 * Changes the shape of x. One axis can be -1, which is computed from the others. A named axis must keep its
 * position or be the only one that is computed; use `reshapeLike` for anything else.
 * @throws AppError `GRAPH_TYPE_MISMATCH`
 */
export function reshape(x: Value, shape: Shape): Value {
  if (sameDims(x.shape, shape)) return x;
  const sizes = shape.map((dim, axis) => (typeof dim === 'number' ? dim : dim === x.shape[axis] ? 0 : -1));
  if (sizes.filter((size) => size === -1).length > 1) {
    refuse(
      'Reshape',
      `can compute one axis from the others. Got ${formatShape(x.shape)} to ${formatShape(shape)}: use reshapeLike with a value of that shape.`,
    );
  }
  const result = x.builder.apply('Reshape', [x, listLike(x, sizes)])[0];
  if (shape.some((dim, axis) => typeof dim === 'string' && dim !== result.shape[axis])) {
    refuse(
      'Reshape',
      `must keep the number of elements. Got ${formatShape(x.shape)} to ${formatShape(shape)}, which comes out as ${formatShape(result.shape)}.`,
    );
  }
  return result;
}

/** Changes the shape of x to the run-time shape of `like`. */
export function reshapeLike(x: Value, like: Value): Value {
  if (sameDims(x.shape, like.shape)) return x;
  const left = like.shape.filter((dim, axis) => typeof dim === 'string' && dim !== x.shape[axis]);
  return left.length <= 1 ? reshape(x, like.shape) : x.builder.apply('Reshape', [x, shapeOf(like)])[0];
}

/** Operator row of `Reshape`. */
export const reshapeOp: OpRow = {
  name: 'Reshape',
  domain: '',
  exact: true,
  arity: [2, 2],
  infer: ([x, sizes]) => [{ dtype: x!.dtype, shape: reshaped(x!.shape, sizes!.contents) }],
  evaluate: ([x, sizes]) => {
    const shape = Array.from(sizes!.data, (size, axis) => (size === 0 ? x!.shape[axis] : size));
    const known = elementCount(shape.filter((size) => size !== -1));
    return [{ ...x!, shape: shape.map((size) => (size === -1 ? x!.data.length / known : size)) }];
  },
  gradient: ({ inputs: [x], outputGradients: [dy] }) => [dy && reshapeLike(dy, x!)],
  cases: [
    { name: 'split heads', inputs: [{ shape: [2, 3, 8] }], build: ([x]) => reshape(x, [2, 3, 2, 4]) },
    { name: 'left over', inputs: [{ shape: [2, 3, 4] }], build: ([x]) => reshape(x, [-1, 4]) },
    { name: 'to scalar', inputs: [{ shape: [1, 1] }], build: ([x]) => reshape(x, []) },
    {
      name: 'shape of a value',
      inputs: [{ shape: [2, 6] }, { shape: [3, 4], differentiate: false }],
      build: ([x, y]) => x.builder.apply('Reshape', [x, shapeOf(y)])[0],
    },
  ],
};

function reshaped(from: Shape, sizes: Shape | undefined): Shape {
  if (sizes === undefined)
    return refuse(
      'Reshape',
      'must get sizes that are a constant or come from Shape. Got computed ones instead.',
    );
  const shape: Dim[] = sizes.map((size, axis) =>
    size === 0
      ? (from[axis] ?? refuse('Reshape', `has no axis ${axis} to copy from ${formatShape(from)}.`))
      : size,
  );
  const open = shape.indexOf(-1);
  const total = dimProduct(from);
  if (open >= 0) {
    const left = dimQuotient(total, dimProduct(shape.filter((_, axis) => axis !== open)));
    if (left === undefined)
      return refuse(
        'Reshape',
        `must keep the number of elements. Got ${formatShape(from)} to ${formatShape(shape)} instead.`,
      );
    shape[open] = left;
  }
  if (dimProduct(shape) !== total)
    refuse(
      'Reshape',
      `must keep the number of elements. Got ${formatShape(from)} to ${formatShape(shape)} instead.`,
    );
  return shape;
}
