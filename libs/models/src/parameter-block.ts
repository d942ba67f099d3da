/** Hugging Face name and shape of a tensor in a weights file. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * One parameter as the graph uses it. Its parts are concatenated along axis 0: query, key and value are three
 * tensors in the file and one operand of one Gemm.
 */
export interface ParameterBlock extends NamedShape {
  readonly parts: readonly NamedShape[];
  /** Whether weight decay applies; false for biases and norms. */
  readonly decay: boolean;
  /** Whether batches look up rows of it, as in an embedding table; its gradient is then a list of rows. */
  readonly table: boolean;
  /** Whether it belongs to the head, which is initialized randomly on top of a pretrained encoder. */
  readonly head: boolean;
  /**
   * Distance from the input: 0 for embeddings, 1 to n for the layers, n + 1 for the head. Used for freezing
   * and layer-wise learning-rate decay.
   */
  readonly depth: number;
  /** Initialization if a file lacks it. Absent: a file must have it. */
  readonly start?: BlockStart;
}

/** Initialization with zeros, or from a normal or uniform distribution. */
export type BlockStart = 'zero' | 'normal' | 'uniform';

/** Options of a parameter block. */
export interface BlockOptions {
  readonly depth: number;
  readonly start?: BlockStart;
  readonly table?: boolean;
  readonly head?: boolean;
  /** Whether it belongs to a norm; weight decay then does not apply. */
  readonly norm?: boolean;
}

/** A block that is one tensor in the file. */
export function singleBlock(name: string, shape: readonly number[], options: BlockOptions): ParameterBlock {
  return stackedBlock(name, [{ name, shape }], options);
}

/** A block whose tensors in the file are stacked along axis 0; all other axes are equal. */
export function stackedBlock(
  name: string,
  parts: readonly NamedShape[],
  { depth, start, table = false, head = false, norm = false }: BlockOptions,
): ParameterBlock {
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0);
  const shape = parts[0].shape.length === 0 ? [] : [rows, ...parts[0].shape.slice(1)];
  return { name, shape, parts, decay: !norm && !name.endsWith('.bias'), table, head, depth, start };
}
