export { memorySource, type ByteSource } from './byte-source.ts';
export { dtypes, type DType, type TensorData } from './dtype.ts';
export type { GgufEncoding } from './gguf/encodings.ts';
export {
  dequantize,
  isGguf,
  openGguf,
  parseGguf,
  type Gguf,
  type GgufFile,
  type GgufTensor,
  type GgufValue,
} from './gguf/parse-gguf.ts';
export {
  encodeSafetensors,
  openSafetensors,
  parseSafetensors,
  type Safetensors,
  type SafetensorsFile,
} from './safetensors.ts';
export {
  elementCount,
  float32,
  int64,
  sameShape,
  tensor,
  tensorBytes,
  zeros,
  type Tensor,
} from './tensor.ts';
export type { TensorEntry, TensorFile } from './tensor-file.ts';
export { toFloat32 } from './to-float32.ts';
