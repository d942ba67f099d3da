import type { WasmFunction } from '../kernels/wasm-assembler.ts';

/** What one step tells an optimizer about some of the parameters. */
export interface StepNumbers {
  readonly learningRate: number;
  /** 0 for biases and norms. */
  readonly weightDecay: number;
  /** Counts from 1. */
  readonly step: number;
  /** The gradient's factor: clipping. */
  readonly gradientScale: number;
  /** Of optimizers that have it. */
  readonly momentum: number;
}

/** An optimizer: a loop over memory, and what it is told. */
export interface OptimizerRow {
  /** Buffers of the parameters' size that it keeps, zero at first. */
  readonly moments: number;
  /** Made with `updateKernel`. */
  readonly kernel: WasmFunction;
  /** The kernel's factors for a step, in its order. */
  factors(numbers: StepNumbers): readonly number[];
}
