import { assembleModule, type WasmFunction } from './wasm-assembler.ts';

/** An exported function: numbers, among them addresses in bytes. */
export type Kernel = (...numbers: number[]) => number;
export type Kernels = Readonly<Record<string, Kernel>>;

/** Functions over a memory, by name. */
export function compileKernels(memory: WebAssembly.Memory, functions: readonly WasmFunction[]): Kernels {
  return instantiateKernels(memory, assembleModule(functions));
}

/** The functions of a module that `assembleModule` made. */
export function instantiateKernels(memory: WebAssembly.Memory, module: Uint8Array<ArrayBuffer>): Kernels {
  return new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports as Kernels;
}
