import { philox } from '@overture/core';
import { compileKernels } from '../kernels/compile-kernels.ts';
import { wasm, type Code, type WasmFunction } from '../kernels/wasm-assembler.ts';

const { get, set, tee, store } = wasm;
const numbersPerChunk = 8192;

/** What determines a mask. */
export interface MaskOptions {
  /** Key of a `counterRandom`. */
  readonly key: number;
  /** Probability of an element to be dropped, rounded to 1 / 65,536. */
  readonly rate: number;
}

/**
 * Creates a function that fills masks: 0 for dropped elements, 1 / (1 − rate) for the others. Each element
 * uses 16 bits of a draw. Of eight elements, the first four use the lower halves of draws 4i to 4i + 3; the
 * others use the upper halves. SIMD computes four draws at a time, about thirty times as fast as
 * `counterRandom` one by one.
 */
export function maskFiller(): (target: Float32Array, options: MaskOptions) => void {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { fillMask } = compileKernels(memory, [fillMaskKernel]);
  const chunk = new Float32Array(memory.buffer, 0, numbersPerChunk);
  return (target, { key, rate }) => {
    const [threshold, scale] = [Math.round(rate * 65_536), 1 / (1 - rate)];
    for (let start = 0; start < target.length; start += numbersPerChunk) {
      const count = Math.min(numbersPerChunk, target.length - start);
      fillMask(0, 4 * Math.ceil(count / 8) * 8, key, start / 2, threshold, scale);
      target.set(count === numbersPerChunk ? chunk : chunk.subarray(0, count), start);
    }
  };
}

const [address, end, key, counter, threshold, scale] = [0, 1, 2, 3, 4, 5];
const [left, right, counters, roundKey, products, multiplier, weyl, limit, factor] = [
  6, 7, 8, 9, 10, 11, 12, 13, 14,
];
/**
 * Byte indices of the upper and of the lower 32-bit halves of four 64-bit products, two in each of two
 * vectors.
 */
const [upper, lower] = [4, 0].map((first) =>
  [0, 8, 16, 24].flatMap((product) => [0, 1, 2, 3].map((byte) => product + first + byte)),
);

/**
 * left, right = upper half of left · multiplier ^ key ^ right, its lower half; then the round key advances.
 */
const round: Code = [
  ...[
    ...get(left),
    ...get(multiplier),
    ...wasm.i64x2ExtMulLow,
    ...tee(products),
    ...get(left),
    ...get(multiplier),
    ...wasm.i64x2ExtMulHigh,
    ...tee(left),
  ],
  ...[...wasm.shuffle(upper), ...get(roundKey), ...wasm.v128Xor, ...get(right), ...wasm.v128Xor],
  ...[...get(products), ...get(left), ...wasm.shuffle(lower), ...set(right), ...set(left)],
  ...[...get(roundKey), ...get(weyl), ...wasm.i32x4Add, ...set(roundKey)],
];

/**
 * `counterRandom`'s Philox 2×32-10 for consecutive counters from `counter`; both halves of each draw become
 * mask elements.
 */
const fillMaskKernel: WasmFunction = {
  name: 'fillMask',
  parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'f32'],
  locals: Array.from({ length: 9 }, () => 'v128'),
  body: [
    ...[
      ...wasm.i32x4Const([philox.multiplier, philox.multiplier, philox.multiplier, philox.multiplier]),
      ...set(multiplier),
    ],
    ...[...wasm.i32x4Const([philox.weyl, philox.weyl, philox.weyl, philox.weyl]), ...set(weyl)],
    ...[
      ...get(threshold),
      ...wasm.i32x4Splat,
      ...set(limit),
      ...get(scale),
      ...wasm.f32x4Splat,
      ...set(factor),
    ],
    ...[
      ...get(counter),
      ...wasm.i32x4Splat,
      ...wasm.i32x4Const([0, 1, 2, 3]),
      ...wasm.i32x4Add,
      ...set(counters),
    ],
    ...wasm.repeatWhile([
      ...[
        ...get(counters),
        ...set(left),
        ...wasm.i32x4Const([0, 0, 0, 0]),
        ...set(right),
        ...get(key),
        ...wasm.i32x4Splat,
        ...set(roundKey),
      ],
      ...Array.from({ length: philox.rounds }, () => round).flat(),
      ...[
        ...get(address),
        ...get(left),
        ...wasm.i32x4Const([0xffff, 0xffff, 0xffff, 0xffff]),
        ...wasm.v128And,
        ...get(limit),
        ...wasm.i32x4GeS,
        ...get(factor),
        ...wasm.v128And,
        ...store(),
      ],
      ...[
        ...get(address),
        ...get(left),
        ...wasm.i32Const(16),
        ...wasm.i32x4ShrU,
        ...get(limit),
        ...wasm.i32x4GeS,
        ...get(factor),
        ...wasm.v128And,
        ...store(16),
      ],
      ...[...get(counters), ...wasm.i32x4Const([4, 4, 4, 4]), ...wasm.i32x4Add, ...set(counters)],
      ...[
        ...get(address),
        ...wasm.i32Const(32),
        ...wasm.i32Add,
        ...tee(address),
        ...get(end),
        ...wasm.i32LtU,
      ],
    ]),
  ],
};
