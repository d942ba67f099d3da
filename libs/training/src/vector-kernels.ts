import { assembleModule, wasm, type Code, type WasmFunction } from './wasm-assembler.ts';

/** The numbers of one AdamW step, as float32 in the kernel. */
export interface AdamWFactors {
  /** 1 − learning rate × weight decay. */
  readonly keep: number;
  readonly beta1: number;
  readonly beta2: number;
  /** 1 / √(1 − β₂ᵗ). */
  readonly inverseCorrection2: number;
  readonly epsilon: number;
  /** Learning rate / (1 − β₁ᵗ). */
  readonly stepSize: number;
  /** The gradient's factor: clipping. */
  readonly gradientScale: number;
}

/** Vector loops over a WebAssembly memory. Addresses are bytes; counts are elements and multiples of 4. */
export interface VectorKernels {
  /** AdamW in place on parameters, first and second moments; reads the gradient. */
  adamW(addresses: { parameters: number; first: number; second: number; gradient: number }, count: number, factors: AdamWFactors): void;
  /** Σ x², in float64. */
  sumOfSquares(address: number, count: number): number;
  /** `target += source`, float32. */
  add(target: number, source: number, count: number): void;
}

const lanes = 4;
const bytesPerVector = 16;

/**
 * Why not a graph: an optimizer step touches 28 bytes per parameter and computes almost nothing, so it is bound by memory;
 * the runtime copies every output once more, these loops copy nothing. One thread, a fixed order: exact.
 */
export function vectorKernels(memory: WebAssembly.Memory): VectorKernels {
  const module = new WebAssembly.Module(assembleModule([adamW, sumOfSquares, add]));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const call = exports as Record<string, (...numbers: number[]) => number>;
  return {
    adamW({ parameters, first, second, gradient }, count, f) {
      if (count === 0) return;
      const end = parameters + checked(count) * 4;
      call['adamW'](parameters, first, second, gradient, end, f.keep, 1 - f.beta1, f.beta2, 1 - f.beta2, f.inverseCorrection2, f.epsilon, f.stepSize, f.gradientScale);
    },
    sumOfSquares: (address, count) => (count === 0 ? 0 : call['sumOfSquares'](address, address + checked(count) * 4)),
    add(target, source, count) {
      if (count > 0) call['add'](target, source, target + checked(count) * 4);
    },
  };
}

function checked(count: number): number {
  if (count % lanes !== 0) throw new RangeError(`A count must be a multiple of ${lanes}. Got ${count} instead.`);
  return count;
}

const { get, set, tee, load, store } = wasm;
const advance = (local: number): Code => [...get(local), ...wasm.i32Const(bytesPerVector), ...wasm.i32Add, ...set(local)];
const advanceAndTest = (local: number, end: number): Code => [
  ...[...get(local), ...wasm.i32Const(bytesPerVector), ...wasm.i32Add, ...tee(local)],
  ...[...get(end), ...wasm.i32LtU],
];

/** The update of torch.optim.AdamW (Loshchilov & Hutter 2019, algorithm 2), operation by operation. */
const adamW: WasmFunction = (() => {
  const [p, m, v, g, end] = [0, 1, 2, 3, 4];
  const scalars = [5, 6, 7, 8, 9, 10, 11, 12]; // keep, 1−β₁, β₂, 1−β₂, correction, epsilon, step size, gradient scale
  const splats = [13, 14, 15, 16, 17, 18, 19, 20];
  const [keep, oneMinusBeta1, beta2, oneMinusBeta2, correction, epsilon, stepSize, scale] = splats;
  const [grad, mean, square] = [21, 22, 23];
  return {
    name: 'adamW',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', ...scalars.map(() => 'f32' as const)],
    locals: [...splats.map(() => 'v128' as const), 'v128', 'v128', 'v128'],
    body: [
      ...splats.flatMap((splat, i) => [...get(scalars[i]), ...wasm.f32x4Splat, ...set(splat)]),
      ...wasm.repeatWhile([
        ...[...get(g), ...load(), ...get(scale), ...wasm.f32x4Mul, ...set(grad)],
        // m += (g − m)(1 − β₁)
        ...[...get(m), ...get(m), ...load(), ...tee(mean), ...get(grad), ...get(mean), ...wasm.f32x4Sub, ...get(oneMinusBeta1), ...wasm.f32x4Mul],
        ...[...wasm.f32x4Add, ...tee(mean), ...store()],
        // v = v β₂ + g² (1 − β₂)
        ...[...get(v), ...get(v), ...load(), ...get(beta2), ...wasm.f32x4Mul],
        ...[...get(grad), ...get(grad), ...wasm.f32x4Mul, ...get(oneMinusBeta2), ...wasm.f32x4Mul, ...wasm.f32x4Add, ...tee(square), ...store()],
        // p = p · keep − stepSize · m / (√v · correction + ε)
        ...[...get(p), ...get(p), ...load(), ...get(keep), ...wasm.f32x4Mul, ...get(stepSize), ...get(mean), ...wasm.f32x4Mul],
        ...[...get(square), ...wasm.f32x4Sqrt, ...get(correction), ...wasm.f32x4Mul, ...get(epsilon), ...wasm.f32x4Add, ...wasm.f32x4Div],
        ...[...wasm.f32x4Sub, ...store()],
        ...[...advance(m), ...advance(v), ...advance(g), ...advanceAndTest(p, end)],
      ]),
    ],
  };
})();

const sumOfSquares: WasmFunction = (() => {
  const [at, end, value, low, high, wide] = [0, 1, 2, 3, 4, 5];
  const accumulate = (sum: number): Code => [...wasm.f64x2Promote, ...tee(wide), ...get(wide), ...wasm.f64x2Mul, ...get(sum), ...wasm.f64x2Add, ...set(sum)];
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
      ...[...get(low), ...get(high), ...wasm.f64x2Add, ...tee(wide), ...wasm.f64x2Lane(0), ...get(wide), ...wasm.f64x2Lane(1), ...wasm.f64Add],
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
