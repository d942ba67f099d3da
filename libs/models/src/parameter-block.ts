/** A tensor of a weights file: its Hugging Face name and its shape. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * One parameter as the graph sees it. Its parts lie one behind the other along axis 0: query, key and value are three
 * tensors of the file and one operand of one Gemm.
 */
export interface ParameterBlock extends NamedShape {
  readonly parts: readonly NamedShape[];
  /** Whether weight decay applies: not to biases, not to norms. */
  readonly decay: boolean;
  /** A table of which a batch reads rows: its gradient is a list of rows. */
  readonly table: boolean;
  /** Part of the head, which starts from random numbers on top of a pretrained encoder. */
  readonly head: boolean;
  /** How far from the input: 0 the embeddings, 1 to n the layers, n + 1 what follows them. For freezing and rates by layer. */
  readonly depth: number;
  /** How it starts where a file lacks it: at zero, from a normal or a uniform distribution. Absent: a file must have it. */
  readonly start?: BlockStart;
}

export type BlockStart = 'zero' | 'normal' | 'uniform';

export interface BlockOptions {
  readonly depth: number;
  readonly start?: BlockStart;
  readonly table?: boolean;
  readonly head?: boolean;
  /** A norm: its weight does not decay. */
  readonly norm?: boolean;
}

/** A block of which the file holds exactly one tensor. */
export function singleBlock(name: string, shape: readonly number[], options: BlockOptions): ParameterBlock {
  return stackedBlock(name, [{ name, shape }], options);
}

/** A block whose file tensors are stacked along axis 0; all other axes are the same. */
export function stackedBlock(name: string, parts: readonly NamedShape[], { depth, start, table = false, head = false, norm = false }: BlockOptions): ParameterBlock {
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0);
  const shape = parts[0].shape.length === 0 ? [] : [rows, ...parts[0].shape.slice(1)];
  return { name, shape, parts, decay: !norm && !name.endsWith('.bias'), table, head, depth, start };
}
