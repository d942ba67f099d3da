export { dtypes, type DType, type TensorData } from './dtype.ts';
export type { GgufEncoding } from './gguf/encodings.ts';
export { dequantise, isGguf, parseGguf, type Gguf, type GgufTensor, type GgufValue } from './gguf/parse-gguf.ts';
export { encodeSafetensors, parseSafetensors, type Safetensors } from './safetensors.ts';
export { elementCount, float32, int64, sameShape, tensor, tensorBytes, zeros, type Tensor } from './tensor.ts';
export { toFloat32 } from './to-float32.ts';
