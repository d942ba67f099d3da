import type { DType } from '@overture/tensors';
import { onnxTypeOf, typeOfOnnx } from '../onnx-types.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import type { Value } from '../value.ts';

/** Converts elements to another type. Floats are truncated toward zero; bool means nonzero. */
export function cast(x: Value, to: DType): Value {
  return x.dtype === to ? x : x.builder.apply('Cast', [x], { to: onnxTypeOf(to) })[0];
}

const convert: Partial<Record<DType, (x: number) => number>> = {
  float32: (x) => x,
  bool: (x) => Number(x !== 0),
};

/** Operator row of `Cast`. */
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
  // no gradient rule: only floats have gradients, and casts between float types are not used
  cases: [
    {
      name: 'integers to floats',
      inputs: [{ shape: [2, 3], dtype: 'int64', values: 9 }],
      build: ([x]) => cast(x, 'float32'),
    },
    {
      name: 'floats to integers',
      inputs: [{ shape: [4], values: [-1.5, -0.5, 0.5, 7.9], differentiate: false }],
      build: ([x]) => cast(x, 'int64'),
    },
    {
      name: 'floats to bool',
      inputs: [{ shape: [3], values: [-1, 0, 0.5], differentiate: false }],
      build: ([x]) => cast(x, 'bool'),
    },
  ],
};
