import type { Tensor } from './tensor.ts';

/** A tensor of a file, not read yet. */
export interface TensorEntry {
  readonly shape: readonly number[];
  /** Element type as the file names it: `F32`, `BF16`, `Q4_K`. */
  readonly encoding: string;
  /** Whether its values are floating-point numbers that can be read. */
  readonly float: boolean;
  /** How many bytes it takes in the file. */
  readonly bytes: number;
}

/** A file of tensors that are read one at a time. */
export interface TensorFile {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  /**
   * The tensor as the file has it; of a compressed one its float32 values.
   * @throws AppError `TENSOR_NOT_READABLE` for an element type that the product cannot compute with
   */
  read(name: string): Promise<Tensor>;
}
