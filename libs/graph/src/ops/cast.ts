import type { DType } from '@overture/tensors';
import { onnxTypeOf, typeOfOnnx } from '../onnx-types.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import type { Value } from '../value.ts';

/** The elements as another type; floats are cut towards zero, bool is not-zero. */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : x.builder.apply('Cast', [x], { to: onnxTypeOf(to) })[0];
}

const convert: Partial<Record<DType, (x: number) => number>> = { float32: (x) => x, bool: (x) => Number(x !== 0) };

export const castOp: OpRow = {
  name: 'Cast',
  domain: '',
  attributes: { to: 'int' },
  arity: [1, 1],
  infer: ([x], { to }) => [{ dtype: typeOfOnnx(to as number), shape: x!.shape }],
  evaluate: ([x], { to }) => {
    const dtype = typeOfOnnx(to as number);
    const f = convert[dtype] ?? Math.trunc;
    return [referenceArray(dtype, x!.shape, (i) => f(x!.data[i]))];
  },
  // only floats carry gradients, and Cast between floats of other widths is not in use yet
  cases: [
    { name: 'integers to floats', inputs: [{ shape: [2, 3], dtype: 'int64', values: 9 }], build: ([x]) => cast(x, 'float32') },
    { name: 'floats to integers', inputs: [{ shape: [4], values: [-1.5, -0.5, 0.5, 7.9], differentiate: false }], build: ([x]) => cast(x, 'int64') },
    { name: 'floats to bool', inputs: [{ shape: [3], values: [-1, 0, 0.5], differentiate: false }], build: ([x]) => cast(x, 'bool') },
  ],
};
