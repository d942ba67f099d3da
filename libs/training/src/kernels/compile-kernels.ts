import { assembleModule, type WasmFunction } from './wasm-assembler.ts';

/** An exported function. Its arguments are numbers; addresses are in bytes. */
export type Kernel = (...numbers: number[]) => number;
/** Compiled functions by name. */
export type Kernels = Readonly<Record<string, Kernel>>;

/** Compiles functions over a memory. */
export function compileKernels(memory: WebAssembly.Memory, functions: readonly WasmFunction[]): Kernels {
  return instantiateKernels(memory, assembleModule(functions));
}

/** Instantiates a module that `assembleModule` built. */
export function instantiateKernels(memory: WebAssembly.Memory, module: Uint8Array<ArrayBuffer>): Kernels {
  return new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports as Kernels;
}
