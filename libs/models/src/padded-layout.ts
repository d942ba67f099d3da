import { add, cast, concat, div, gather, matmul, mul, reduceSum, reshape, shapeOf, slice, sliceLike, softmax, split, squeeze, sub, transpose, unsqueeze, type GraphBuilder, type Value } from '@overture/graph';
import { int64 } from '@overture/tensors';
import type { BertConfig } from './bert-config.ts';
import type { Layout } from './layout.ts';
import type { Pooling } from './pack-batch.ts';

/** Names of the exported graph's inputs, as transformers.js feeds them; each int64 [batch, length]. */
export const paddedInputs = { ids: 'input_ids', mask: 'attention_mask', tokenTypes: 'token_type_ids' } as const;

const masked = -1e9; // added to the scores of padding: e^-1e9 = 0

/** Sequences padded to one length, with a mask: the layout of exported models. */
export function paddedLayout(builder: GraphBuilder, pooling: Pooling): Layout {
  const [batch, length] = ['batch', 'length'];
  const input = (name: string): Value => builder.input(name, 'int64', [batch, length]);
  const [ids, mask, tokenTypes] = [input(paddedInputs.ids), input(paddedInputs.mask), input(paddedInputs.tokenTypes)];
  const kept = cast(mask, 'float32');
  const bias = unsqueeze(mul(sub(1, kept), masked), [1, 2]); // [batch, 1, 1, length]
  return {
    embed({ word, position, tokenType }) {
      const sum = add(add(gather(word, ids), sliceLike(position, 0, ids, 1)), gather(tokenType, tokenTypes));
      return reshape(sum, [-1, word.shape[1]]);
    },
    attend: (qkv, config) => attendPadded(qkv, ids, bias, config),
    pool(rows) {
      const hidden = asSequences(rows, ids, [rows.shape[1] as number]);
      if (pooling === 'cls') return squeeze(slice(hidden, 1, 0, 1), [1]);
      const total = squeeze(matmul(unsqueeze(kept, [1]), hidden), [1]);
      return div(total, reduceSum(kept, { axes: [1], keepDims: true }));
    },
  };
}

/** [rows, …] as [batch, length, …rest] */
function asSequences(rows: Value, ids: Value, rest: readonly number[]): Value {
  const sizes = concat([shapeOf(ids), rows.builder.constant(int64([rest.length], rest))], 0);
  return rows.builder.apply('Reshape', [rows, sizes])[0];
}

function attendPadded(qkv: Value, ids: Value, bias: Value, { heads, hiddenSize }: BertConfig): Value {
  const width = hiddenSize / heads;
  const byHead = transpose(asSequences(qkv, ids, [3 * heads, width]), [0, 2, 1, 3]); // [batch, 3 · heads, length, width]
  const [q, k, v] = split(byHead, 1, [heads, heads, heads]);
  // standard operators only: an exported graph is read by other tools
  const scores = matmul(mul(q, 1 / Math.sqrt(width)), transpose(k, [0, 1, 3, 2]));
  const context = matmul(softmax(add(scores, bias)), v); // [batch, heads, length, width]
  return reshape(transpose(context, [0, 2, 1, 3]), [-1, hiddenSize]);
}
