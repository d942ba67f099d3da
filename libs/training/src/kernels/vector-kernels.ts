import type { VectorLoops } from './vector-loops.ts';
import { wasm, type Code, type WasmFunction } from './wasm-assembler.ts';

/**
 * Vector loops over a WebAssembly memory. Addresses are in bytes; counts are in elements and multiples of 4.
 */
export interface VectorKernels {
  /** Σ x², in float64. */
  sumOfSquares(address: number, count: number): number;
  /** `target += source`, float32. */
  add(target: number, source: number, count: number): void;
}

const replicas = 4;
const bytesPerVector = 16;

/**
 * Compiles the loops. They are not graphs because the work after a backward pass is limited by memory
 * bandwidth: the runtime copies every output once more, and these loops copy nothing. The order of additions
 * is fixed, so results are deterministic.
 */
export function vectorKernels(loops: VectorLoops): VectorKernels {
  const call = loops.compile([sumOfSquares, add]);
  return {
    sumOfSquares: (address, count) => call['sumOfSquares'](address, address + bytesOf(count)),
    add: (target, source, count) => void call['add'](target, source, target + bytesOf(count)),
  };
}

/**
 * Bytes of `count` float32 elements for a vector loop.
 * @throws RangeError if the count is not a multiple of 4
 */
export function bytesOf(count: number): number {
  if (count % replicas !== 0)
    throw new RangeError(`A count must be a multiple of ${replicas}. Got ${count} instead.`);
  return count * 4;
}

const { get, set, tee, load, store } = wasm;
const advance = (local: number): Code => [
  ...get(local),
  ...wasm.i32Const(bytesPerVector),
  ...wasm.i32Add,
  ...set(local),
];
const advanceAndTest = (local: number, end: number): Code => [
  ...[...get(local), ...wasm.i32Const(bytesPerVector), ...wasm.i32Add, ...tee(local)],
  ...[...get(end), ...wasm.i32LtU],
];

const sumOfSquares: WasmFunction = (() => {
  const [at, end, value, low, high, wide] = [0, 1, 2, 3, 4, 5];
  const accumulate = (sum: number): Code => [
    ...wasm.f64x2Promote,
    ...tee(wide),
    ...get(wide),
    ...wasm.f64x2Mul,
    ...get(sum),
    ...wasm.f64x2Add,
    ...set(sum),
  ];
  return {
    name: 'sumOfSquares',
    parameters: ['i32', 'i32'],
    result: 'f64',
    locals: ['v128', 'v128', 'v128', 'v128'],
    body: [
      ...wasm.repeatWhile([
        ...[...get(at), ...load(), ...tee(value), ...accumulate(low)],
        ...[...get(value), ...get(value), ...wasm.upperHalf, ...accumulate(high)],
        ...advanceAndTest(at, end),
      ]),
      ...[
        ...get(low),
        ...get(high),
        ...wasm.f64x2Add,
        ...tee(wide),
        ...wasm.f64x2Lane(0),
        ...get(wide),
        ...wasm.f64x2Lane(1),
        ...wasm.f64Add,
      ],
    ],
  };
})();

const add: WasmFunction = {
  name: 'add',
  parameters: ['i32', 'i32', 'i32'],
  locals: [],
  body: wasm.repeatWhile([
    ...[...get(0), ...get(0), ...load(), ...get(1), ...load(), ...wasm.f32x4Add, ...store()],
    ...[...advance(1), ...advanceAndTest(0, 2)],
  ]),
};
