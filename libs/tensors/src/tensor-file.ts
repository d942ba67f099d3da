import type { Tensor } from './tensor.ts';

/** Description of a tensor in a file. */
export interface TensorEntry {
  readonly shape: readonly number[];
  /** Element type as named in the file: `F32`, `BF16`, `Q4_K`. */
  readonly encoding: string;
  /** Whether its values are floating-point numbers that can be read. */
  readonly float: boolean;
  /** Size in the file. */
  readonly bytes: number;
}

/** A file whose tensors are read one at a time. */
export interface TensorFile {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /**
   * Reads a tensor as stored; quantized and float64 tensors are converted to float32.
   * @throws AppError `TENSOR_NOT_READABLE` for an unsupported element type
   */
  read(name: string): Promise<Tensor>;
}
