import type { WasmFunction } from '../kernels/wasm-assembler.ts';

/** Values of one step for a range of parameters. */
export interface StepNumbers {
  readonly learningRate: number;
  /** 0 for biases and norms. */
  readonly weightDecay: number;
  /** Counted from 1. */
  readonly step: number;
  /** Factor of the gradient, from clipping. */
  readonly gradientScale: number;
  /** Used only by optimizers with momentum. */
  readonly momentum: number;
}

/** An optimizer: its loop over memory and the loop's factors. */
export interface OptimizerRow {
  /** Number of buffers of the parameters' size; initially zero. */
  readonly moments: number;
  /** Built by `updateKernel`. */
  readonly kernel: WasmFunction;
  /** The kernel's factors for a step, in order. */
  factors(numbers: StepNumbers): readonly number[];
}
