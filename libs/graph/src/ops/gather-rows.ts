import { float32, type Tensor } from '@overture/tensors';
import { formatShape } from '../dims.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { concat } from '../range-builders.ts';
import { gather } from './gather.ts';

/** Options of `gatherRows`. */
export interface GatherRowsOptions {
  /** Whether `index` contains -1. If false, -1 must not occur, and a copy of x is saved. Default true. */
  readonly indexHasGaps?: boolean;
  /** Whether `inverse` contains -1; saves a copy in the gradient if false. Default true. */
  readonly inverseHasGaps?: boolean;
}

/**
 * Rearranges rows: row i of the result is x[index[i]], or zeros if index[i] = -1. Each row of x is used at
 * most once, and `inverse` has its destination: inverse[r] = i (a position in the flattened index), or -1.
 * The gradient is therefore also a gatherRows, with index and inverse exchanged. Used to pack, pad, and unpad
 * tokens.
 */
export function gatherRows(x: Value, index: Value, inverse: Value, options: GatherRowsOptions = {}): Value {
  const { indexHasGaps = true, inverseHasGaps = true } = options;
  return x.builder.apply('GatherRows', [x, index, inverse], {
    indexHasGaps: Number(indexHasGaps),
    inverseHasGaps: Number(inverseHasGaps),
  })[0];
}

/** Operator row of `GatherRows`. */
export const gatherRowsOp: OpRow = {
  name: 'GatherRows',
  domain: 'overture',
  attributes: { indexHasGaps: 'int', inverseHasGaps: 'int' },
  arity: [3, 3],
  infer: ([x, index, inverse]) => {
    if (index!.dtype !== 'int64' || inverse!.dtype !== 'int64')
      refuse(
        'GatherRows',
        `must get int64 index and inverse. Got ${index!.dtype} and ${inverse!.dtype} instead.`,
      );
    if (
      x!.shape.length < inverse!.shape.length ||
      inverse!.shape.some((dim, axis) => dim !== x!.shape[axis])
    ) {
      refuse(
        'GatherRows',
        `must get an inverse of the shape of the rows of x ${formatShape(x!.shape)}. Got ${formatShape(inverse!.shape)} instead.`,
      );
    }
    return [{ dtype: x!.dtype, shape: [...index!.shape, ...x!.shape.slice(inverse!.shape.length)] }];
  },
  evaluate: ([x, index, inverse]) => {
    const rowShape = x!.shape.slice(inverse!.shape.length);
    const width = rowShape.reduce((a, b) => a * b, 1);
    return [
      referenceArray(x!.dtype, [...index!.shape, ...rowShape], (i) => {
        const row = index!.data[Math.floor(i / width)];
        return row < 0 ? 0 : x!.data[row * width + (i % width)];
      }),
    ];
  },
  gradient: ({ inputs, attributes, outputGradients: [dy] }) => {
    const [, index, inverse] = inputs as readonly Value[];
    return [
      dy &&
        gatherRows(dy, inverse, index, {
          indexHasGaps: attributes['inverseHasGaps'] === 1,
          inverseHasGaps: attributes['indexHasGaps'] === 1,
        }),
    ];
  },
  // a negative index of Gather counts from the end, so -1 reads the appended row of zeros
  lower: ([x, index, inverse], attributes) => {
    const rowShape = x.shape.slice(inverse.shape.length) as readonly number[];
    const sizes = x.builder.constant(int64List([-1, ...rowShape]));
    const rows = inverse.shape.length === 1 ? x : x.builder.apply('Reshape', [x, sizes])[0];
    return [
      gather(
        attributes['indexHasGaps'] === 1
          ? concat([rows, x.builder.constant(float32([1, ...rowShape]))], 0)
          : rows,
        index,
      ),
    ];
  },
  cases: [
    {
      name: 'pad',
      inputs: [
        { shape: [3, 4] },
        { shape: [2, 2], dtype: 'int64', values: [0, -1, 2, 1] },
        { shape: [3], dtype: 'int64', values: [0, 3, 2] },
      ],
      build: ([x, index, inverse]) => gatherRows(x, index, inverse, { inverseHasGaps: false }),
    },
    {
      name: 'unpad',
      inputs: [
        { shape: [2, 2, 4] },
        { shape: [3], dtype: 'int64', values: [0, 3, 2] },
        { shape: [2, 2], dtype: 'int64', values: [0, -1, 2, 1] },
      ],
      build: ([x, index, inverse]) => gatherRows(x, index, inverse, { indexHasGaps: false }),
    },
    {
      name: 'scalar rows',
      inputs: [
        { shape: [3] },
        { shape: [2], dtype: 'int64', values: [2, 0] },
        { shape: [3], dtype: 'int64', values: [1, -1, 0] },
      ],
      build: ([x, index, inverse]) => gatherRows(x, index, inverse),
    },
  ],
};

function int64List(numbers: readonly number[]): Tensor {
  return { dtype: 'int64', shape: [numbers.length], data: BigInt64Array.from(numbers, BigInt) };
}
