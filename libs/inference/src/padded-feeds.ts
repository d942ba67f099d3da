import { paddedInputs } from '@overture/models';
import { int64, type Tensor } from '@overture/tensors';

/** The padding token and the inputs of a graph. */
export interface PaddedFeedsOptions {
  readonly padId: number;
  /** The graph's inputs: some families have no token types. */
  readonly inputs: readonly string[];
}

/** The feeds of an exported graph for one batch, each int64 [batch, longest]. */
export function paddedFeeds(
  sequences: readonly ArrayLike<number>[],
  { padId, inputs }: PaddedFeedsOptions,
): Record<string, Tensor> {
  const longest = Math.max(...sequences.map(({ length }) => length));
  const shape = [sequences.length, longest];
  const ids = new BigInt64Array(sequences.length * longest).fill(BigInt(padId));
  const mask = new BigInt64Array(ids.length);
  sequences.forEach((sequence, row) => {
    for (let column = 0; column < sequence.length; column++)
      ids[row * longest + column] = BigInt(sequence[column]!);
    mask.fill(1n, row * longest, row * longest + sequence.length);
  });
  const feeds = { [paddedInputs.ids]: int64(shape, ids), [paddedInputs.mask]: int64(shape, mask) };
  return inputs.includes(paddedInputs.tokenTypes)
    ? { ...feeds, [paddedInputs.tokenTypes]: int64(shape) }
    : feeds;
}

/** P(initiative): the softmax of a row of the logits [batch, 2], class 1. */
export function initiativeProbability({ data }: Tensor, row: number): number {
  const [no, yes] = [data[2 * row] as number, data[2 * row + 1] as number];
  return 1 / (1 + Math.exp(no - yes));
}
