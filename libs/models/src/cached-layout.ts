import {
  add,
  concat,
  fusedMatMul,
  gather,
  log,
  matmul,
  mul,
  reduceMax,
  reshape,
  rotaryEmbedding,
  shapeOf,
  sigmoid,
  slice,
  softmax,
  split,
  sub,
  transpose,
  type GraphBuilder,
  type Value,
} from '@overture/graph';
import { AppError } from '@overture/core';
import { int64 } from '@overture/tensors';
import { laterKeys, placesLike } from './later-keys.ts';
import type { Layout } from './layout.ts';
import { once } from './once.ts';
import { packedInputs } from './packed-inputs.ts';
import { rotaryTables } from './rotary-tables.ts';

/**
 * Input names of a graph that continues from cached keys and values. Their first axis is the heads, so that
 * all sequences of a batch are multiplied with the shared keys and values in one product.
 */
export const cachedInputs = {
  /** int64 [tokens]: the new tokens of all sequences, without padding. */
  ids: 'tokens',
  /**
   * int64 [batch, length]: index of the token at each position of a sequence. Fillers come last and can have
   * any index.
   */
  table: 'table',
  /** int64 [batch, length]: number of tokens before it, including shared ones. Fillers can have any value. */
  positions: 'positions',
  /** int64 [tokens]: position of each token in the flattened table. */
  places: 'tokens.places',
  /** int64 [chosen]: the tokens whose successor is predicted. */
  chosen: 'chosen',
  /** float32 [keyValueHeads, shared, width]: the common prefix of all sequences. */
  sharedKeys: (layer: number): string => `shared.keys.${layer}`,
  sharedValues: (layer: number): string => `shared.values.${layer}`,
  /** float32 []: 0, or -1e9 if nothing is shared and the shared keys are one row of zeros. */
  sharedBias: 'shared.bias',
  /** float32 [keyValueHeads, batch, own, width]: each sequence's own tokens after the shared prefix. */
  ownKeys: (layer: number): string => `own.keys.${layer}`,
  ownValues: (layer: number): string => `own.values.${layer}`,
  /** float32 [batch, 1, own]: 0, or -1e9 at empty positions. */
  ownBias: 'own.bias',
} as const;

/**
 * Outputs for the new tokens, float32 [keyValueHeads, batch, length, width]. Values at fillers are
 * meaningless.
 */
export const cachedOutputs = {
  keys: (layer: number): string => `keys.${layer}`,
  values: (layer: number): string => `values.${layer}`,
} as const;

/**
 * A layout for new tokens that attend to cached keys and values of earlier ones. The keys and values are in
 * three parts: the prefix shared by the whole batch, each sequence's own, and the new ones.
 * No part is concatenated with another or repeated for the heads or sequences that share it. Linear layers
 * process one row per real token; only attention is padded.
 * @throws AppError `LAYOUT_UNFIT`, by its methods, for a classifier or a network without causal attention and
 * rotary positions
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
      const past = (name: string, ...middle: string[]): Value =>
        builder.input(name, 'float32', [keyValueHeads, ...middle, width]);
      const shared = {
        keys: past(cachedInputs.sharedKeys(layer), 'shared'),
        values: past(cachedInputs.sharedValues(layer), 'shared'),
        bias: sharedBias,
      };
      const own = {
        keys: past(cachedInputs.ownKeys(layer), 'batch', 'own'),
        values: past(cachedInputs.ownValues(layer), 'batch', 'own'),
        bias: ownBias,
      };

      const byHead = transpose(
        reshape(gather(qkv, table), ['batch', 'length', heads + 2 * keyValueHeads, width]),
        [0, 2, 1, 3],
      );
      // [batch, heads, length, width] each
      const [turning, v] = split(byHead, 1, [heads + keyValueHeads, keyValueHeads]);
      const [q, k] = split(rotaryEmbedding(turning, rotaryTables(builder, width, rotary), positions), 1, [
        heads,
        keyValueHeads,
      ]);
      const fresh = {
        keys: transpose(k, [1, 0, 2, 3]),
        values: transpose(v, [1, 0, 2, 3]),
        bias: grouped(causal(), groups),
      };
      builder.output(cachedOutputs.keys(layer), fresh.keys);
      builder.output(cachedOutputs.values(layer), fresh.values);
      layer++;

      // rows of heads that share keys are adjacent within a sequence: [keyValueHeads, batch, groups · length,
      // width]
      const queries = reshape(
        transpose(reshape(q, ['batch', keyValueHeads, groups, -1, width]), [1, 0, 2, 3, 4]),
        [keyValueHeads, 'batch', -1, width],
      );
      const scale = 1 / Math.sqrt(width);
      const context = merged(
        toShared(queries, shared, { scale, table }),
        toOwn(queries, own, fresh, { scale, table }),
        sharedBias,
      );
      // [batch, length, heads…, width]
      const byPlace = transpose(
        reshape(context, [keyValueHeads, 'batch', groups, -1, width]),
        [1, 3, 0, 2, 4],
      );
      return gather(reshape(byPlace, [-1, heads * width]), places);
    },
    get still() {
      return layout;
    },
    drop: (x) => x,
    states: (width) => builder.input(packedInputs.states, 'float32', ['new', width]),
    pool: () => {
      throw new AppError(
        'LAYOUT_UNFIT',
        'A graph with keys and values of earlier tokens must belong to a causal language model. Got a classifier: use paddedLayout.',
      );
    },
    choose: (rows) => gather(rows, chosen()),
  };
  return layout;
}

/**
 * Maximum number of new tokens per sequence and run. Longer texts are split to limit the size of the scores.
 */
export const longestStep = 4096;

interface Past {
  readonly keys: Value;
  readonly values: Value;
  readonly bias: Value;
}

/** Attention to one part of the keys: the result, and the logarithm of Σ e^score, which weights the parts. */
interface Part {
  readonly context: Value;
  readonly logSum: Value;
}

interface AttendOptions {
  readonly scale: number;
  readonly table: Value;
}

/** Attention of all queries of the batch to the same keys: one product per head. */
function toShared(queries: Value, { keys, values }: Past, { scale, table }: AttendOptions): Part {
  const [heads, , , width] = queries.shape as readonly [number, string, string, number];
  const scores = fusedMatMul(reshape(queries, [heads, -1, width]), keys, { transB: true, alpha: scale });
  const probabilities = softmax(scores);
  const asQueries = (x: Value): Value => reshapeTo(x, [[heads], batchOf(table), [-1, x.shape[2] as number]]);
  return {
    context: asQueries(matmul(probabilities, values)),
    logSum: asQueries(logSumOf(scores, probabilities)),
  };
}

/** Attention of each sequence to its own keys and to the new ones up to each query. */
function toOwn(queries: Value, own: Past, fresh: Past, { scale, table }: AttendOptions): Part {
  const scoresOf = ({ keys, bias }: Past): Value =>
    add(fusedMatMul(queries, keys, { transB: true, alpha: scale }), bias);
  const scores = concat([scoresOf(own), scoresOf(fresh)], 3);
  const probabilities = softmax(scores);
  const lengths = concat([slice(shapeOf(own.keys), 0, 2, 3), slice(shapeOf(table), 0, 1, 2)], 0);
  const [earlier, later] = probabilities.builder.apply('Split', [probabilities, lengths], { axis: 3 }, 2);
  return {
    context: add(matmul(earlier, own.values), matmul(later, fresh.values)),
    logSum: logSumOf(scores, probabilities),
  };
}

/**
 * log Σ e^s = s − log p for any score s with probability p. The largest is used, because its probability
 * cannot underflow.
 */
function logSumOf(scores: Value, probabilities: Value): Value {
  const largest = (x: Value): Value => reduceMax(x, { axes: [-1], keepDims: true });
  return sub(largest(scores), log(largest(probabilities)));
}

/**
 * Softmax over both parts, computed from the softmax over each (Dao et al., arXiv:2205.14135, section 3.1).
 */
function merged(shared: Part, own: Part, sharedBias: Value): Value {
  const share = sigmoid(sub(add(shared.logSum, sharedBias), own.logSum));
  return add(own.context, mul(share, sub(shared.context, own.context)));
}

function batchOf(table: Value): Value {
  return slice(shapeOf(table), 0, 0, 1);
}

/** A reshape with sizes that are known only at run time. */
function reshapeTo(x: Value, sizes: readonly (Value | readonly number[])[]): Value {
  const parts = sizes.map((part) =>
    'builder' in part ? part : x.builder.constant(int64([part.length], part)),
  );
  return x.builder.apply('Reshape', [x, concat(parts, 0)])[0];
}

/** Repeats the bias of one head's queries for all heads that share its keys. */
function grouped(bias: Value, groups: number): Value {
  return concat(
    Array.from({ length: groups }, () => bias),
    0,
  );
}

function onlyRotary(): AppError {
  return new AppError(
    'LAYOUT_UNFIT',
    'A graph with keys and values of earlier tokens must belong to a decoder with rotary positions. Got another network: use a Llama-type model.',
  );
}
