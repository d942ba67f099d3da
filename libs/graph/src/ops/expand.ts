import { broadcastDims, formatShape, type Shape } from '../dims.ts';
import { listLike, scalarLike, sumTo } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { broadcastLengths, offsets, referenceArray, strides } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { shapeOf } from './shape.ts';

/** Broadcasts x to a known shape. */
export function expand(x: Value, shape: readonly number[]): Value {
  return x.builder.apply('Expand', [x, listLike(x, shape)])[0];
}

/** Broadcasts x to the shape of another value. */
export function expandLike(x: Value, like: Value): Value {
  return x.builder.apply('Expand', [x, shapeOf(like)])[0];
}

/** Zeros with the type and shape of a value. */
export function zerosLike(like: Value): Value {
  return expandLike(scalarLike(like, 0), like);
}

/** Operator row of `Expand`. */
export const expandOp: OpRow = {
  name: 'Expand',
  domain: '',
  exact: true,
  arity: [2, 2],
  infer: ([x, sizes]) => {
    if (sizes!.contents === undefined)
      return refuse(
        'Expand',
        'must get sizes that are a constant or come from Shape. Got computed ones instead.',
      );
    const shape: Shape | undefined = broadcastDims(x!.shape, sizes!.contents);
    if (shape === undefined)
      return refuse(
        'Expand',
        `must get a shape that broadcasts. Got ${formatShape(x!.shape)} to ${formatShape(sizes!.contents)} instead.`,
      );
    return [{ dtype: x!.dtype, shape }];
  },
  evaluate: ([x, sizes]) => {
    const shape = broadcastLengths([x!.shape, Array.from(sizes!.data)]);
    const places = offsets(shape, strides(x!.shape));
    return [referenceArray(x!.dtype, shape, (i) => x!.data[places[i]])];
  },
  gradient: ({ inputs: [x], outputGradients: [dy] }) => [dy && sumTo(dy, x!.shape)],
  cases: [
    { name: 'new axes', inputs: [{ shape: [3] }], build: ([x]) => expand(x, [2, 4, 3]) },
    { name: 'stretched axis', inputs: [{ shape: [2, 1, 3] }], build: ([x]) => expand(x, [2, 4, 3]) },
    {
      name: 'scalar like a value',
      inputs: [{ shape: [] }, { shape: [2, 3], differentiate: false }],
      build: ([x, y]) => expandLike(x, y),
    },
  ],
};
