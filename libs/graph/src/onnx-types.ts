import { AppError } from '@overture/core';
import type { DType } from '@overture/tensors';

/** TensorProto.DataType of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const numbers: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  uint32: 12,
  bfloat16: 16,
};
const names = new Map(Object.entries(numbers).map(([dtype, number]) => [number, dtype as DType]));

/** ONNX's number for an element type. */
export function onnxTypeOf(dtype: DType): number {
  return numbers[dtype];
}

/**
 * The element type for ONNX's number.
 * @throws AppError `ONNX_DTYPE_UNKNOWN`
 */
export function typeOfOnnx(number: number): DType {
  const dtype = names.get(number);
  if (dtype !== undefined) return dtype;
  throw new AppError(
    'ONNX_DTYPE_UNKNOWN',
    `An ONNX element type must be one of ${[...names].map(([n, name]) => `${n} (${name})`).join(', ')}. Got ${number} instead.`,
  );
}
