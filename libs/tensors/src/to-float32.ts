import { AppError } from '@overture/core';
import type { Tensor } from './tensor.ts';

/**
 * Converts elements to float32. float16 and bfloat16 are converted exactly; float32 is returned without a
 * copy.
 * @throws AppError `TENSOR_NOT_FLOAT`
 */
export function toFloat32(source: Tensor): Float32Array {
  if (source.dtype === 'float32') return source.data as Float32Array;
  if (source.dtype === 'bfloat16') return widenBfloat16(source.data as Uint16Array);
  if (source.dtype === 'float16') return widenFloat16(source.data as Uint16Array);
  throw new AppError(
    'TENSOR_NOT_FLOAT',
    `A tensor of float32, float16 or bfloat16 was expected. Got ${source.dtype} instead.`,
  );
}

/** bfloat16 is the upper half of a float32. */
function widenBfloat16(bits: Uint16Array): Float32Array {
  const wide = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i] << 16;
  return new Float32Array(wide.buffer);
}

let halves: Float32Array | undefined;

/**
 * The values of all float16 bit patterns, float32 [65536]: IEEE 754 binary16 with 1 sign bit, 5 exponent bits
 * (bias 15), and 10 fraction bits.
 */
export function float16Values(): Float32Array {
  return (halves ??= Float32Array.from({ length: 65_536 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }));
}

function widenFloat16(bits: Uint16Array): Float32Array {
  const values = float16Values();
  const wide = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = values[bits[i]];
  return wide;
}
