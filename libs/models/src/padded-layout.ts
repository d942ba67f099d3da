import {
  add,
  cast,
  concat,
  div,
  equal,
  gather,
  matmul,
  mul,
  neg,
  reduceMax,
  reduceSum,
  reshape,
  shapeOf,
  slice,
  sliceLike,
  softmax,
  split,
  squeeze,
  sub,
  transpose,
  unsqueeze,
  type GraphBuilder,
  type Value,
} from '@overture/graph';
import { int64 } from '@overture/tensors';
import { hiddenScore, laterKeys, placesLike } from './later-keys.ts';
import type { AttentionShape, Layout } from './layout.ts';
import { once } from './once.ts';
import type { Pooling } from './pack-batch.ts';
import { rotaryTables } from './rotary-tables.ts';

/** Input names of the exported graph, as transformers.js feeds them; each int64 [batch, length]. */
export const paddedInputs = {
  ids: 'input_ids',
  mask: 'attention_mask',
  tokenTypes: 'token_type_ids',
} as const;

/** Options of `paddedLayout`. */
export interface PaddedLayoutOptions {
  /** Absent in causal language models, which use every token. */
  readonly pooling?: Pooling;
  /** Whether the graph has the input `token_type_ids`. Default true. */
  readonly tokenTypes?: boolean;
  /** Maximum input length, for causal attention and pooling of the last token. */
  readonly positions: number;
}

/** A layout of padded sequences. */
export interface PaddedLayout extends Layout {
  /** Reshapes rows to the batch: [rows, n] → [batch, length, n]. */
  perToken(rows: Value): Value;
}

/**
 * A layout of sequences padded to one length, with a mask; used for exported models. It uses only standard
 * operators, because other tools read the result.
 */
export function paddedLayout(
  builder: GraphBuilder,
  { pooling, tokenTypes = true, positions }: PaddedLayoutOptions,
): PaddedLayout {
  const [batch, length] = ['batch', 'length'];
  const input = (name: string): Value => builder.input(name, 'int64', [batch, length]);
  const [ids, mask] = [input(paddedInputs.ids), input(paddedInputs.mask)];
  const types = tokenTypes ? input(paddedInputs.tokenTypes) : undefined;
  const kept = cast(mask, 'float32');
  const padding = unsqueeze(mul(sub(1, kept), hiddenScore), [1, 2]); // [batch, 1, 1, length]
  const places = once(() => placesLike(builder, positions, ids)); // [1, length]
  // [batch, n]
  const weighted = (weights: Value, rows: Value): Value =>
    squeeze(matmul(unsqueeze(weights, [1]), layout.perToken(rows)), [1]);
  const layout: PaddedLayout = {
    embed({ word, position, tokenType }) {
      let sum = gather(word, ids);
      if (position !== undefined)
        sum = add(sum, sliceLike(slice(position.table, 0, position.offset), 0, ids, 1));
      if (tokenType !== undefined)
        sum = add(sum, gather(tokenType, types ?? builder.constant(int64([1, 1], [0]))));
      return reshape(sum, [-1, word.shape[1]]);
    },
    attend: (qkv, shape) =>
      attendPadded(qkv, ids, { shape, bias: shape.causal ? add(padding, laterKeys(places())) : padding }),
    get still() {
      return layout;
    },
    drop: (x) => x,
    states: (width) =>
      reshape(builder.input('hidden_states', 'float32', [batch, length, width]), [-1, width]),
    choose(rows) {
      if (pooling === 'cls') return squeeze(slice(layout.perToken(rows), 1, 0, 1), [1]);
      return pooling === 'last' ? weighted(lastOf(kept, places()), rows) : rows;
    },
    pool: (rows) =>
      pooling === 'mean' ? div(weighted(kept, rows), reduceSum(kept, { axes: [1], keepDims: true })) : rows,
    perToken: (rows) => asSequences(rows, ids, [rows.shape[1] as number]),
  };
  return layout;
}

/** 1 at every sequence's last real token, with padding on either side: [batch, length]. */
function lastOf(kept: Value, places: Value): Value {
  const last = reduceMax(mul(kept, places), { axes: [1], keepDims: true });
  return cast(equal(places, last), 'float32');
}

/** [rows, …] → [batch, length, …rest] */
function asSequences(rows: Value, ids: Value, rest: readonly number[]): Value {
  const sizes = concat([shapeOf(ids), rows.builder.constant(int64([rest.length], rest))], 0);
  return rows.builder.apply('Reshape', [rows, sizes])[0];
}

function attendPadded(
  qkv: Value,
  ids: Value,
  { shape, bias }: { readonly shape: AttentionShape; readonly bias: Value },
): Value {
  const { heads, keyValueHeads, width } = shape;
  // [batch, all heads, length, width]
  const byHead = transpose(asSequences(qkv, ids, [heads + 2 * keyValueHeads, width]), [0, 2, 1, 3]);
  const [q, k, v] = split(byHead, 1, [heads, keyValueHeads, keyValueHeads]);
  const scores = matmul(
    mul(turn(q, ids, shape), 1 / Math.sqrt(width)),
    transpose(forHeads(turn(k, ids, shape), shape), [0, 1, 3, 2]),
  );
  const context = matmul(softmax(add(scores, bias)), forHeads(v, shape)); // [batch, heads, length, width]
  return reshape(transpose(context, [0, 2, 1, 3]), [-1, heads * width]);
}

/** Repeats each head of keys or values for every query head that shares it. */
function forHeads(x: Value, { heads, keyValueHeads }: AttentionShape): Value {
  if (heads === keyValueHeads) return x;
  const each = split(
    x,
    1,
    Array.from({ length: keyValueHeads }, () => 1),
  );
  return concat(
    each.flatMap((head) => Array.from({ length: heads / keyValueHeads }, () => head)),
    1,
  );
}

/** Rotary embedding: x · cos + (−second half, first half) · sin, with angles by position. */
function turn(x: Value, ids: Value, { rotary, width }: AttentionShape): Value {
  if (rotary === undefined) return x;
  const tables = rotaryTables(x.builder, width, rotary);
  const [cos, sin] = [tables.cos, tables.sin].map((table) => {
    const half = sliceLike(table, 0, ids, 1);
    return concat([half, half], 1); // [length, width]
  });
  const [first, second] = split(x, 3, [width / 2, width / 2]);
  return add(mul(x, cos), mul(concat([neg(second), first], 3), sin));
}
