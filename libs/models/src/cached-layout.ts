import { add, concat, fusedMatMul, gather, log, matmul, mul, reduceMax, reshape, rotaryEmbedding, shapeOf, sigmoid, slice, softmax, split, sub, transpose, type GraphBuilder, type Value } from '@overture/graph';
import { AppError } from '@overture/core';
import { int64 } from '@overture/tensors';
import { laterKeys, placesLike } from './later-keys.ts';
import type { Layout } from './layout.ts';
import { once } from './once.ts';
import { packedInputs } from './packed-inputs.ts';
import { rotaryTables } from './rotary-tables.ts';

/**
 * Names of the inputs and outputs of a graph that goes on from what it has seen. Heads come first in keys and values, so that all
 * sequences of a batch meet the shared ones in one product.
 */
export const cachedInputs = {
  /** int64 [tokens]: the new tokens of all sequences, none of them padding. */
  ids: 'tokens',
  /** int64 [batch, length]: which of the tokens stands at a place of a sequence; any for a filler, and fillers come last. */
  table: 'table',
  /** int64 [batch, length]: how many tokens come before it, shared ones included; any for a filler. */
  positions: 'positions',
  /** int64 [tokens]: where in the table a token stands, counted through its rows. */
  places: 'tokens.places',
  /** int64 [chosen]: the tokens whose next one matters. */
  chosen: 'chosen',
  /** float32 [keyValueHeads, shared, width], of what all sequences begin with. */
  sharedKeys: (layer: number): string => `shared.keys.${layer}`,
  sharedValues: (layer: number): string => `shared.values.${layer}`,
  /** float32 []: 0, or -1e9 where nothing is shared and one row of zeros stands in for it. */
  sharedBias: 'shared.bias',
  /** float32 [keyValueHeads, batch, own, width], of what a sequence has of its own behind that. */
  ownKeys: (layer: number): string => `own.keys.${layer}`,
  ownValues: (layer: number): string => `own.values.${layer}`,
  /** float32 [batch, 1, own]: 0, or -1e9 at places that hold nothing. */
  ownBias: 'own.bias',
} as const;

/** Of the new tokens, float32 [keyValueHeads, batch, length, width]; what stands at fillers is to be ignored. */
export const cachedOutputs = {
  keys: (layer: number): string => `keys.${layer}`,
  values: (layer: number): string => `values.${layer}`,
} as const;

/**
 * New tokens that see keys and values of earlier ones, each in three parts: what all sequences of the batch share, what each has of its own,
 * and the new ones. No part is copied behind another, and none is repeated for the heads or sequences that share it. Linear layers
 * see one row per real token; only attention is padded.
 */
export function cachedLayout(builder: GraphBuilder): Layout {
  const input = (name: string, ...shape: string[]): Value => builder.input(name, 'int64', shape);
  const ids = input(cachedInputs.ids, 'new');
  const table = input(cachedInputs.table, 'batch', 'length');
  const positions = input(cachedInputs.positions, 'batch', 'length');
  const places = input(cachedInputs.places, 'new');
  const sharedBias = builder.input(cachedInputs.sharedBias, 'float32', []);
  const ownBias = builder.input(cachedInputs.ownBias, 'float32', ['batch', 1, 'own']);
  const chosen = once(() => input(cachedInputs.chosen, 'chosen'));
  const causal = once(() => laterKeys(placesLike(builder, longestStep, table))); // [length, length]
  let layer = 0;
  const layout: Layout = {
    embed({ word, position, tokenType }) {
      if (position !== undefined || tokenType !== undefined) throw onlyRotary();
      return gather(word, ids);
    },
    attend(qkv, shape) {
      const { heads, keyValueHeads, width, rotary, causal: decoder } = shape;
      if (rotary === undefined || !decoder) throw onlyRotary();
      const groups = heads / keyValueHeads;
      const past = (name: string, ...middle: string[]): Value => builder.input(name, 'float32', [keyValueHeads, ...middle, width]);
      const shared = { keys: past(cachedInputs.sharedKeys(layer), 'shared'), values: past(cachedInputs.sharedValues(layer), 'shared'), bias: sharedBias };
      const own = { keys: past(cachedInputs.ownKeys(layer), 'batch', 'own'), values: past(cachedInputs.ownValues(layer), 'batch', 'own'), bias: ownBias };

      const byHead = transpose(reshape(gather(qkv, table), ['batch', 'length', heads + 2 * keyValueHeads, width]), [0, 2, 1, 3]);
      const [turning, v] = split(byHead, 1, [heads + keyValueHeads, keyValueHeads]); // [batch, heads, length, width] each
      const [q, k] = split(rotaryEmbedding(turning, rotaryTables(builder, width, rotary), positions), 1, [heads, keyValueHeads]);
      const fresh = { keys: transpose(k, [1, 0, 2, 3]), values: transpose(v, [1, 0, 2, 3]), bias: grouped(causal(), groups) };
      builder.output(cachedOutputs.keys(layer), fresh.keys);
      builder.output(cachedOutputs.values(layer), fresh.values);
      layer++;

      // rows of heads that share keys lie one after the other within a sequence: [keyValueHeads, batch, groups · length, width]
      const queries = reshape(transpose(reshape(q, ['batch', keyValueHeads, groups, -1, width]), [1, 0, 2, 3, 4]), [keyValueHeads, 'batch', -1, width]);
      const scale = 1 / Math.sqrt(width);
      const context = merged(toShared(queries, shared, { scale, table }), toOwn(queries, own, fresh, { scale, table }), sharedBias);
      const byPlace = transpose(reshape(context, [keyValueHeads, 'batch', groups, -1, width]), [1, 3, 0, 2, 4]); // [batch, length, heads…, width]
      return gather(reshape(byPlace, [-1, heads * width]), places);
    },
    get still() { return layout; },
    drop: (x) => x,
    states: (width) => builder.input(packedInputs.states, 'float32', ['new', width]),
    pool: () => {
      throw new AppError('LAYOUT_UNFIT', 'A graph with keys and values of earlier tokens must belong to a causal language model. Got a classifier: use paddedLayout.');
    },
    choose: (rows) => gather(rows, chosen()),
  };
  return layout;
}

/** New tokens of a sequence in one run at most; longer texts go in parts, so that scores stay small. */
export const longestStep = 4096;

interface Past {
  readonly keys: Value;
  readonly values: Value;
  readonly bias: Value;
}

/** Attention to a part of the keys: its result, and the logarithm of the sum of e^score, by which parts are weighed. */
interface Part {
  readonly context: Value;
  readonly logSum: Value;
}

interface AttendOptions {
  readonly scale: number;
  readonly table: Value;
}

/** Every query of the batch to the same keys: one product a head. */
function toShared(queries: Value, { keys, values }: Past, { scale, table }: AttendOptions): Part {
  const [heads, , , width] = queries.shape as readonly [number, string, string, number];
  const scores = fusedMatMul(reshape(queries, [heads, -1, width]), keys, { transB: true, alpha: scale });
  const probabilities = softmax(scores);
  const asQueries = (x: Value): Value => reshapeTo(x, [[heads], batchOf(table), [-1, x.shape[2] as number]]);
  return { context: asQueries(matmul(probabilities, values)), logSum: asQueries(logSumOf(scores, probabilities)) };
}

/** Every sequence to its own keys and to the new ones up to each query. */
function toOwn(queries: Value, own: Past, fresh: Past, { scale, table }: AttendOptions): Part {
  const scoresOf = ({ keys, bias }: Past): Value => add(fusedMatMul(queries, keys, { transB: true, alpha: scale }), bias);
  const scores = concat([scoresOf(own), scoresOf(fresh)], 3);
  const probabilities = softmax(scores);
  const lengths = concat([slice(shapeOf(own.keys), 0, 2, 3), slice(shapeOf(table), 0, 1, 2)], 0);
  const [earlier, later] = probabilities.builder.apply('Split', [probabilities, lengths], { axis: 3 }, 2);
  return { context: add(matmul(earlier, own.values), matmul(later, fresh.values)), logSum: logSumOf(scores, probabilities) };
}

/** log Σ e^s = s − log p for any score s and its probability p; the largest is the one that cannot vanish. */
function logSumOf(scores: Value, probabilities: Value): Value {
  const largest = (x: Value): Value => reduceMax(x, { axes: [-1], keepDims: true });
  return sub(largest(scores), log(largest(probabilities)));
}

/** The softmax over both parts, from the softmax over each (Dao et al., arXiv:2205.14135, section 3.1). */
function merged(shared: Part, own: Part, sharedBias: Value): Value {
  const share = sigmoid(sub(add(shared.logSum, sharedBias), own.logSum));
  return add(own.context, mul(share, sub(shared.context, own.context)));
}

function batchOf(table: Value): Value {
  return slice(shapeOf(table), 0, 0, 1);
}

/** A reshape with sizes known only when the graph runs. */
function reshapeTo(x: Value, sizes: readonly (Value | readonly number[])[]): Value {
  const parts = sizes.map((part) => ('builder' in part ? part : x.builder.constant(int64([part.length], part))));
  return x.builder.apply('Reshape', [x, concat(parts, 0)])[0];
}

/** A bias for the queries of one head, for all heads that share keys. */
function grouped(bias: Value, groups: number): Value {
  return concat(Array.from({ length: groups }, () => bias), 0);
}

function onlyRotary(): AppError {
  return new AppError('LAYOUT_UNFIT', 'A graph with keys and values of earlier tokens must belong to a decoder with rotary positions. Got another network: use a Llama-type model.');
}
