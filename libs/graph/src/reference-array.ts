import { dtypes, elementCount, type DType, type Tensor } from '@overture/tensors';

/**
 * A tensor of the reference evaluator. Elements of all types are stored as float64, which is exact for
 * integers up to 2^53.
 */
export interface ReferenceArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Creates an array whose i-th element is `f(i)`. */
export function referenceArray(
  dtype: DType,
  shape: readonly number[],
  f: (i: number) => number,
): ReferenceArray {
  const data = new Float64Array(elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = f(i);
  return { dtype, shape, data };
}

/** Converts a tensor to an evaluator array. float16 and bfloat16 are not supported. */
export function toReference(source: Tensor): ReferenceArray {
  return {
    dtype: source.dtype,
    shape: source.shape,
    data: Float64Array.from(source.data as ArrayLike<number>, Number),
  };
}

/** Converts an evaluator array to a tensor, rounded to its element type. */
export function fromReference({ dtype, shape, data }: ReferenceArray): Tensor {
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(data, BigInt) };
  const typed = new dtypes[dtype].array(data.length) as Float32Array;
  typed.set(data);
  return { dtype, shape, data: typed };
}

/** Row-major strides; 0 along axes of length 1, so that they broadcast. */
export function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    result[axis] = shape[axis] === 1 ? 0 : step;
    step *= shape[axis];
  }
  return result;
}

/**
 * For each position of `shape`, in order, the offset into an array with these strides (aligned at the last
 * axis).
 */
export function offsets(shape: readonly number[], steps: readonly number[]): Int32Array {
  const lead = shape.length - steps.length;
  const result = new Int32Array(elementCount(shape));
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let offset = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const at = rest % shape[axis];
      rest = (rest - at) / shape[axis];
      if (axis >= lead) offset += at * steps[axis - lead];
    }
    result[i] = offset;
  }
  return result;
}

/** The shape of an elementwise result. Inference has already checked that the shapes are compatible. */
export function broadcastLengths(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return lengths.find((length) => length !== 1) ?? 1;
  });
}

/** Applies `f` to every element, with broadcasting. */
export function elementwise(
  dtype: DType,
  inputs: readonly ReferenceArray[],
  f: (...elements: number[]) => number,
): ReferenceArray {
  const shape = broadcastLengths(inputs.map((input) => input.shape));
  const places = inputs.map((input) => offsets(shape, strides(input.shape)));
  return referenceArray(dtype, shape, (i) => f(...inputs.map((input, k) => input.data[places[k][i]])));
}
