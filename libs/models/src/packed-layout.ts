import { add, attention, cast, concat, gather, gatherRows, gemm, greater, mul, reshape, rotaryEmbedding, shapeOf, split, transpose, type GraphBuilder, type Value } from '@overture/graph';
import { int64 } from '@overture/tensors';
import type { AttentionShape, Layout } from './layout.ts';
import { once } from './once.ts';
import { rotaryTables } from './rotary-tables.ts';

/** Names of the packed graph's inputs; `packBatch` feeds them. A graph has those that its network asks for. */
export const packedInputs = {
  /** int64 [tokens of sequence i] */
  sequence: (i: number): string => `sequence.${i}`,
  /** int64 [tokens] */
  positions: 'positions',
  /** float32 [tokens, hidden]: hidden states that the batch brings along; see `packStates`. */
  states: 'states',
  /** float32 [sequences, tokens] */
  pooling: 'pooling',
  /** int64 [chosen]: the tokens whose next one matters, counted through the batch; see `chooseTokens`. */
  chosen: 'chosen',
  /** int64 [tokens]: the place of a token among the chosen, -1 elsewhere. */
  places: 'chosen.places',
} as const;

const hidden = -1e9; // added to the scores of keys that must not be seen: e^-1e9 = 0

/**
 * All tokens of a batch one after the other, not one of them padding. Attention runs sequence by sequence: no masks for
 * padding, and scores that stay in the cache. Pooling is a product with a matrix that is fed: means, first or last tokens alike.
 */
export function packedLayout(builder: GraphBuilder, sequences: number): Layout {
  const parts = Array.from({ length: sequences }, (_, i) => builder.input(packedInputs.sequence(i), 'int64', [`length.${i}`]));
  const ids = concat(parts, 0);
  const tokens = ids.shape[0];
  const lengths = concat(parts.map(shapeOf), 0);
  const positions = once(() => builder.input(packedInputs.positions, 'int64', [tokens]));
  const bySequence = (x: Value, axis: number): readonly Value[] => builder.apply('Split', [x, lengths], { axis }, sequences);
  return {
    embed({ word, position, tokenType }) {
      let sum = gather(word, ids);
      if (position !== undefined) sum = add(sum, gather(position.table, position.offset === 0 ? positions() : add(positions(), position.offset)));
      // one text per example: every token is of type 0
      return tokenType === undefined ? sum : add(sum, gather(tokenType, builder.constant(int64([1], [0]))));
    },
    attend(qkv, shape) {
      const { heads, keyValueHeads, width, causal } = shape;
      const byHead = transpose(reshape(qkv, [tokens, heads + 2 * keyValueHeads, width]), [1, 0, 2]); // [all heads, tokens, width]
      const masks = causal ? bySequence(positions(), 0).map((places) => laterKeys(places)) : [];
      const contexts = bySequence(byHead, 1).map((part, i) => attendOne(part, shape, masks[i])); // [heads, length, width] each
      return reshape(transpose(concat(contexts, 1), [1, 0, 2]), [tokens, heads * width]);
    },
    states: (width) => builder.input(packedInputs.states, 'float32', [tokens, width]),
    pool: (rows) => gemm(builder.input(packedInputs.pooling, 'float32', [sequences, tokens]), rows),
    choose: (rows) => gatherRows(rows, builder.input(packedInputs.chosen, 'int64', ['chosen']), builder.input(packedInputs.places, 'int64', [tokens]), { indexHasGaps: false }),
  };
}

/** One sequence, [heads + 2 · keyValueHeads, length, width] to [heads, length, width]. */
function attendOne(part: Value, { heads, keyValueHeads, width, rotary }: AttentionShape, bias: Value | undefined): Value {
  const [q, k, v] = rotary === undefined ? split(part, 0, [heads, keyValueHeads, keyValueHeads]) : turned(part, { heads, keyValueHeads, width, rotary });
  return attention(q, k, v, { scale: 1 / Math.sqrt(width), bias });
}

function turned(part: Value, { heads, keyValueHeads, width, rotary }: Required<Omit<AttentionShape, 'causal'>>): readonly Value[] {
  const [qk, v] = split(part, 0, [heads + keyValueHeads, keyValueHeads]);
  const [q, k] = split(rotaryEmbedding(qk, rotaryTables(part.builder, width, rotary)), 0, [heads, keyValueHeads]);
  return [q, k, v];
}

/** Hides from every query the keys after it: [length, length]. */
function laterKeys(positions: Value): Value {
  return mul(cast(greater(reshape(positions, [1, -1]), reshape(positions, [-1, 1])), 'float32'), hidden);
}
