import { add, attention, concat, gather, gemm, reshape, shapeOf, split, transpose, type Dim, type GraphBuilder, type Value } from '@overture/graph';
import { int64 } from '@overture/tensors';
import type { BertConfig } from './bert-config.ts';
import type { Layout } from './layout.ts';

/** Names of the packed graph's inputs; `packBatch` feeds them. */
export const packedInputs = {
  /** int64 [tokens of sequence i] */
  sequence: (i: number): string => `sequence.${i}`,
  /** int64 [tokens] */
  positions: 'positions',
  /** float32 [sequences, tokens] */
  pooling: 'pooling',
} as const;

/**
 * All tokens of a batch one after the other, not one of them padding. Attention runs sequence by sequence: no masks, and
 * scores that stay in the cache. Pooling is a product with a matrix that is fed: means or first tokens alike.
 */
export function packedLayout(builder: GraphBuilder, sequences: number): Layout {
  const parts = Array.from({ length: sequences }, (_, i) => builder.input(packedInputs.sequence(i), 'int64', [`length.${i}`]));
  const ids = concat(parts, 0);
  const tokens = ids.shape[0];
  const positions = builder.input(packedInputs.positions, 'int64', [tokens]);
  const pooling = builder.input(packedInputs.pooling, 'float32', [sequences, tokens]);
  const lengths = concat(parts.map(shapeOf), 0);
  return {
    embed({ word, position, tokenType }) {
      // one text per example: every token is of type 0
      const ofTypeZero = gather(tokenType, builder.constant(int64([1], [0])));
      return add(add(gather(word, ids), gather(position, positions)), ofTypeZero);
    },
    attend: (qkv, config) => attendBySequence(qkv, lengths, tokens, config),
    pool: (rows) => gemm(pooling, rows),
  };
}

function attendBySequence(qkv: Value, lengths: Value, tokens: Dim, { heads, hiddenSize }: BertConfig): Value {
  const width = hiddenSize / heads;
  const byHead = transpose(reshape(qkv, [tokens, 3 * heads, width]), [1, 0, 2]); // [3 · heads, tokens, width]
  const bySequence = qkv.builder.apply('Split', [byHead, lengths], { axis: 1 }, lengths.shape[0] as number);
  const contexts = bySequence.map((part) => {
    const [q, k, v] = split(part, 0, [heads, heads, heads]);
    return attention(q, k, v, { scale: 1 / Math.sqrt(width) }); // [heads, length, width]
  });
  return reshape(transpose(concat(contexts, 1), [1, 0, 2]), [tokens, hiddenSize]);
}
