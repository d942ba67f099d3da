import { wasm, type Code, type WasmFunction } from './wasm-assembler.ts';

/** The WebAssembly locals of an optimizer's formula: addresses and vectors of four numbers. */
export interface UpdateLocals {
  /** Address of the current four parameters. */
  readonly parameters: number;
  readonly gradient: number;
  /** One address per buffer of the optimizer. */
  readonly moments: readonly number[];
  /** The step's factors, each repeated in all four lanes. */
  readonly factors: readonly number[];
  /** Vectors for intermediate results. */
  readonly temporaries: readonly number[];
}

/** Numbers of locals that an optimizer's formula needs. */
export interface UpdateShape {
  readonly moments: number;
  readonly factors: number;
  readonly temporaries: number;
}

const { get, set } = wasm;
const bytesPerVector = 16;

/**
 * Builds a loop over all parameters, four at a time. Its arguments are the addresses of parameters, gradient
 * and moments, the end of the parameters, and the factors. The formula must leave the stack empty.
 */
export function updateKernel(
  name: string,
  shape: UpdateShape,
  formula: (at: UpdateLocals) => Code,
): WasmFunction {
  const pointers = Array.from({ length: 2 + shape.moments }, (_, i) => i);
  const [parameters, gradient, ...moments] = pointers;
  const end = pointers.length;
  const scalars = Array.from({ length: shape.factors }, (_, i) => end + 1 + i);
  const factors = scalars.map((scalar) => scalar + shape.factors);
  const temporaries = Array.from({ length: shape.temporaries }, (_, i) => end + 1 + 2 * shape.factors + i);
  return {
    name,
    parameters: [...pointers.map(() => 'i32' as const), 'i32', ...scalars.map(() => 'f32' as const)],
    locals: [...factors, ...temporaries].map(() => 'v128' as const),
    body: [
      ...factors.flatMap((factor, i) => [...get(scalars[i]), ...wasm.f32x4Splat, ...set(factor)]),
      ...wasm.repeatWhile([
        ...formula({ parameters, gradient, moments, factors, temporaries }),
        ...[gradient, ...moments].flatMap((pointer) => [...advanced(pointer), ...set(pointer)]),
        ...[...advanced(parameters), ...wasm.tee(parameters), ...get(end), ...wasm.i32LtU],
      ]),
    ],
  };
}

function advanced(pointer: number): Code {
  return [...get(pointer), ...wasm.i32Const(bytesPerVector), ...wasm.i32Add];
}
