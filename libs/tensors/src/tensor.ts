import { AppError } from '@overture/core';
import { dtypes, type DType, type TensorData } from './dtype.ts';

/** A dense array in row-major order. Treat it as immutable unless documented otherwise. */
export interface Tensor {
  readonly dtype: DType;
  /** Lengths of the axes; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Exactly `elementCount(shape)` elements. */
  readonly data: TensorData;
}

/** The product of the axes; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const length of shape) count *= length;
  return count;
}

/**
 * Creates a tensor with the given elements, without a copy.
 * @throws AppError `TENSOR_SHAPE_INVALID`, `TENSOR_DATA_MISMATCH`
 */
export function tensor(dtype: DType, shape: readonly number[], data: TensorData): Tensor {
  checkShape(shape);
  const row = dtypes[dtype];
  if (!(data instanceof row.array)) {
    throw new AppError(
      'TENSOR_DATA_MISMATCH',
      `A ${dtype} tensor must hold its elements in a ${row.array.name}. Got ${data.constructor.name} instead.`,
    );
  }
  if (data.length !== elementCount(shape)) {
    throw new AppError(
      'TENSOR_DATA_MISMATCH',
      `A tensor of shape [${shape.join(', ')}] must hold ${elementCount(shape)} elements. Got ${data.length} instead.`,
      { details: { shape: [...shape], elements: data.length } },
    );
  }
  return { dtype, shape, data };
}

/**
 * Creates a tensor of zeros.
 * @throws AppError `TENSOR_SHAPE_INVALID`
 */
export function zeros(dtype: DType, shape: readonly number[]): Tensor {
  checkShape(shape);
  return { dtype, shape, data: new dtypes[dtype].array(elementCount(shape)) };
}

/**
 * Creates a float32 tensor. A Float32Array is used without a copy, numbers are copied, and no data means
 * zeros.
 * @throws AppError `TENSOR_SHAPE_INVALID`, `TENSOR_DATA_MISMATCH`
 */
export function float32(shape: readonly number[], data?: Float32Array | readonly number[]): Tensor {
  if (data === undefined) return zeros('float32', shape);
  return tensor('float32', shape, data instanceof Float32Array ? data : Float32Array.from(data));
}

/**
 * Creates an int64 tensor. A BigInt64Array is used without a copy, numbers are converted, and no data means
 * zeros.
 * @throws AppError `TENSOR_SHAPE_INVALID`, `TENSOR_DATA_MISMATCH`
 */
export function int64(shape: readonly number[], data?: BigInt64Array | ArrayLike<number>): Tensor {
  if (data === undefined) return zeros('int64', shape);
  return tensor(
    'int64',
    shape,
    data instanceof BigInt64Array ? data : BigInt64Array.from(Array.from(data), BigInt),
  );
}

/**
 * The elements as bytes in memory (little-endian on every machine that Node supports); a view, not a copy.
 */
export function tensorBytes(source: Tensor): Uint8Array {
  return new Uint8Array(source.data.buffer, source.data.byteOffset, source.data.byteLength);
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

function checkShape(shape: readonly number[]): void {
  if (
    !shape.every((length) => Number.isSafeInteger(length) && length >= 0) ||
    !Number.isSafeInteger(elementCount(shape))
  ) {
    throw new AppError(
      'TENSOR_SHAPE_INVALID',
      `A shape must be a list of non-negative integers. Got [${shape.join(', ')}] instead.`,
    );
  }
}
