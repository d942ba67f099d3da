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
}

/** A block of which the file holds exactly one tensor. */
export function singleBlock(name: string, shape: readonly number[], options: { table?: boolean; head?: boolean } = {}): ParameterBlock {
  const decay = !name.endsWith('.bias') && !name.includes('LayerNorm');
  return { name, shape, parts: [{ name, shape }], decay, table: options.table ?? false, head: options.head ?? false };
}

/** A block whose file tensors, all of one shape, are stacked along axis 0. */
export function stackedBlock(name: string, parts: readonly string[], shape: readonly number[]): ParameterBlock {
  const [rows = 1, ...rest] = shape;
  return { name, shape: [rows * parts.length, ...rest], parts: parts.map((part) => ({ name: part, shape })), decay: !name.endsWith('.bias'), table: false, head: false };
}
