/** Element types of tensors, with the names that safetensors and ONNX share. */
export type DType =
  'float32' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'uint32' | 'uint16' | 'int8' | 'uint8' | 'bool';

/** Array types of elements. float16 and bfloat16 are stored as their 16 bits, bool as one byte of 0 or 1. */
export type TensorData =
  Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

interface DTypeRow {
  readonly bytes: number;
  /** The name in a safetensors header. */
  readonly safetensors: string;
  readonly array: {
    new (length: number): TensorData;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorData;
  };
}

/** One row per element type. */
export const dtypes: Readonly<Record<DType, DTypeRow>> = {
  float32: { bytes: 4, safetensors: 'F32', array: Float32Array },
  float16: { bytes: 2, safetensors: 'F16', array: Uint16Array },
  bfloat16: { bytes: 2, safetensors: 'BF16', array: Uint16Array },
  int64: { bytes: 8, safetensors: 'I64', array: BigInt64Array },
  int32: { bytes: 4, safetensors: 'I32', array: Int32Array },
  uint32: { bytes: 4, safetensors: 'U32', array: Uint32Array },
  uint16: { bytes: 2, safetensors: 'U16', array: Uint16Array },
  int8: { bytes: 1, safetensors: 'I8', array: Int8Array },
  uint8: { bytes: 1, safetensors: 'U8', array: Uint8Array },
  bool: { bytes: 1, safetensors: 'BOOL', array: Uint8Array },
};
