import { float32, int64, type Tensor } from '@overture/tensors';
import { packedInputs } from './packed-inputs.ts';

/**
 * Ways to pool the hidden states of a sequence into one vector: their mean, the first token's, or the last
 * token's.
 */
export const poolings = ['mean', 'cls', 'last'] as const;
/** Name of a pooling method. */
export type Pooling = (typeof poolings)[number];

/**
 * Creates the feeds of a graph with `packedLayout(builder, count, { reads })`, where `reads` comes from
 * `readsOf`. A smaller batch is padded with sequences of one token, whose results must be ignored.
 * @param sequences token ids, at least one each
 * @param beginning ids of the common prefix, for a layout with `beginning`
 */
export function packBatch(
  sequences: readonly ArrayLike<number>[],
  count: number,
  pooling: Pooling,
  beginning?: ArrayLike<number>,
): Record<string, Tensor> {
  const filled = [...sequences, ...Array.from({ length: count - sequences.length }, () => [0])];
  const { length: shared } = beginning ?? [];
  const tokens = filled.reduce((sum, sequence) => sum + sequence.length, shared);
  const feeds: Record<string, Tensor> = {};
  const positions = new BigInt64Array(tokens);
  const pool = pooling === 'mean' ? new Float32Array(count * tokens) : undefined;
  const read: number[] = []; // the pooled token of each sequence
  let start = 0;
  filled.forEach((sequence, i) => {
    feeds[packedInputs.sequence(i)] = int64([sequence.length], sequence);
    for (let position = 0; position < sequence.length; position++)
      positions[start + position] = BigInt(shared + position);
    pool?.fill(1 / sequence.length, i * tokens + start, i * tokens + start + sequence.length);
    read.push(pooling === 'last' ? start + sequence.length - 1 : start);
    start += sequence.length;
  });
  for (let position = 0; position < shared; position++) positions[start + position] = BigInt(position);
  Object.assign(feeds, gridOf(filled, tokens));
  if (beginning !== undefined) feeds[packedInputs.beginning] = int64([shared], beginning);
  feeds[packedInputs.positions] = int64([tokens], positions);
  if (pool === undefined) Object.assign(feeds, chooseTokens(read, tokens));
  else feeds[packedInputs.pooling] = float32([count, tokens], pool);
  return feeds;
}

/**
 * The cell of each token in the attention grid, and the token of each cell. The grid does not include a
 * common prefix.
 */
function gridOf(sequences: readonly ArrayLike<number>[], tokens: number): Record<string, Tensor> {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  const grid = new BigInt64Array(sequences.length * longest).fill(-1n);
  const cells = new BigInt64Array(tokens);
  let token = 0;
  sequences.forEach(({ length }, row) => {
    for (let column = 0; column < length; column++) {
      const cell = row * longest + column;
      grid[cell] = BigInt(token);
      cells[token++] = BigInt(cell);
    }
  });
  return {
    [packedInputs.grid]: int64([sequences.length, longest], grid),
    [packedInputs.cells]: int64([tokens], cells),
    [packedInputs.columns]: int64(
      [longest],
      BigInt64Array.from({ length: longest }, (_, i) => BigInt(i)),
    ),
  };
}

/**
 * Packs the hidden states of a batch's sequences for a `packedLayout`; fillers are zeros.
 * @param states float32 [length of sequence i, width] each
 */
export function packStates(
  states: readonly Float32Array[],
  count: number,
  width: number,
): Record<string, Tensor> {
  const elements = states.reduce((sum, { length }) => sum + length, (count - states.length) * width);
  const rows = new Float32Array(elements);
  let at = 0;
  for (const each of states) {
    rows.set(each, at);
    at += each.length;
  }
  return { [packedInputs.states]: float32([elements / width, width], rows) };
}

/**
 * Creates the feeds that choose the tokens whose output is used. In a causal language model these are the
 * tokens whose successor is predicted.
 * @param chosen token positions, numbered across the batch, ascending and without duplicates
 * @param tokens total number of tokens in the batch, including fillers
 */
export function chooseTokens(chosen: readonly number[], tokens: number): Record<string, Tensor> {
  const places = new BigInt64Array(tokens).fill(-1n);
  chosen.forEach((token, i) => (places[token] = BigInt(i)));
  return {
    [packedInputs.chosen]: int64([chosen.length], chosen),
    [packedInputs.places]: int64([tokens], places),
  };
}
