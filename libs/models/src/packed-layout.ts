import { AppError } from '@overture/core';
import {
  add,
  attention,
  concat,
  gather,
  gatherRows,
  gemm,
  mul,
  reshape,
  rotaryEmbedding,
  shapeOf,
  split,
  transpose,
  type Dim,
  type GraphBuilder,
  type Value,
} from '@overture/graph';
import { attentionGrid } from './attention-grid.ts';
import { int64 } from '@overture/tensors';
import type { DropoutRates, DropoutSite } from './dropout.ts';
import type { AttentionShape, Droppable, Layout } from './layout.ts';
import { laterKeys } from './later-keys.ts';
import type { Model } from './model.ts';
import { once } from './once.ts';
import type { Pooling } from './pack-batch.ts';
import { packedInputs } from './packed-inputs.ts';
import { rotaryTables } from './rotary-tables.ts';

/** A packed layout and its dropout sites. */
export interface PackedLayout extends Layout {
  /** The dropout sites created so far, whose masks are inputs. */
  readonly dropout: readonly DropoutSite[];
}

/**
 * The tokens whose output is used after the last layer. `tokens`: all of them, for mean pooling. `sequences`:
 * one per sequence, the first or the last. `chosen`: any that the batch chooses, for causal language models.
 */
export type Reads = 'tokens' | 'sequences' | 'chosen';

/** The tokens that a model with this pooling uses. */
export function readsOf({ task }: Pick<Model, 'task'>, pooling: Pooling): Reads {
  if (task === 'causal') return 'chosen';
  return pooling === 'mean' ? 'tokens' : 'sequences';
}

/** Options of `packedLayout`. */
export interface PackedOptions {
  /** Default `tokens`. */
  readonly reads?: Reads;
  readonly dropout?: DropoutRates;
  /**
   * Whether all sequences continue a common prefix, such as an instruction. Its tokens are in the batch once,
   * after the others, and every sequence attends to their keys and values. Only for decoders. The gradient is
   * that of complete sequences, up to the order of additions.
   */
  readonly beginning?: boolean;
  /**
   * How attention runs: sequence by sequence, or for all sequences on one grid with masked padding. The grid
   * needs more arithmetic but a fraction of the operators, which suits a GPU. It supports neither a common
   * prefix nor dropout of attention probabilities. Default `each`.
   */
  readonly attention?: 'each' | 'together';
}

/**
 * A layout with the tokens of all sequences concatenated, without padding. Unless `together` is set,
 * attention runs sequence by sequence: it needs no padding masks, and its scores stay in the CPU cache. Mean
 * pooling is a product with an input matrix. If not all tokens are used, the last layer computes only the
 * chosen ones after attention.
 * @throws AppError `LAYOUT_UNFIT`, by its methods, for options that the network does not support
 */
export function packedLayout(
  builder: GraphBuilder,
  sequences: number,
  { reads = 'tokens', dropout, beginning = false, attention: how = 'each' }: PackedOptions = {},
): PackedLayout {
  const parts = Array.from({ length: sequences }, (_, i) =>
    builder.input(packedInputs.sequence(i), 'int64', [`length.${i}`]),
  );
  const shared = beginning ? builder.input(packedInputs.beginning, 'int64', ['length.beginning']) : undefined;
  const stretches = shared === undefined ? parts : [...parts, shared];
  const start = shared && shapeOf(shared); // the position where the sequences continue
  const ids = concat(stretches, 0);
  const tokens = ids.shape[0];
  const lengths = concat(stretches.map(shapeOf), 0);
  const positions = once(() => builder.input(packedInputs.positions, 'int64', [tokens]));
  const bySegment = (x: Value, axis: number): readonly Value[] =>
    builder.apply('Split', [x, lengths], { axis }, stretches.length);
  const chosen = once(() =>
    builder.input(packedInputs.chosen, 'int64', [reads === 'sequences' ? sequences : 'chosen']),
  );
  const places = once(() => builder.input(packedInputs.places, 'int64', [tokens]));
  const grid = once(() => attentionGrid(builder, { sequences, tokens }));
  const sites: DropoutSite[] = [];
  const dropped = new Map<string, Value>();
  const newSite = (site: Omit<DropoutSite, 'name'>): string => {
    const name = packedInputs.dropout(sites.length);
    sites.push({ name, ...site });
    return name;
  };
  const drop = (x: Value, what: Droppable): Value => {
    const rate = dropout?.[what] ?? 0;
    if (rate === 0) return x;
    const key = `${what} ${x.name}`;
    const known = dropped.get(key);
    if (known !== undefined) return known;
    const [rows, width] = x.shape as readonly [Dim, number];
    const name = newSite({ rate, of: rows === sequences ? 'sequences' : 'tokens', width });
    const mask = builder.input(name, 'float32', [rows === sequences ? sequences : tokens, width]);
    const result = mul(x, rows === 'chosen' ? gather(mask, chosen()) : mask);
    dropped.set(key, result);
    return result;
  };
  const layoutWith = (attentionRate: number): Omit<Layout, 'still' | 'drop'> => ({
    embed({ word, position, tokenType }) {
      let sum = gather(word, ids);
      if (position !== undefined)
        sum = add(
          sum,
          gather(position.table, position.offset === 0 ? positions() : add(positions(), position.offset)),
        );
      // one text per example, so every token has type 0
      return tokenType === undefined ? sum : add(sum, gather(tokenType, builder.constant(int64([1], [0]))));
    },
    attend(qkv, shape) {
      if (how === 'together') {
        if (shared !== undefined || attentionRate > 0) throw gridUnsupported();
        return grid().attend(qkv, shape);
      }
      const { heads, keyValueHeads, width, causal } = shape;
      // [all heads, tokens, width]
      const byHead = transpose(reshape(qkv, [tokens, heads + 2 * keyValueHeads, width]), [1, 0, 2]);
      if (shared !== undefined && (!causal || attentionRate > 0)) throw prefixUnsupported();
      const whens = causal ? bySegment(positions(), 0) : [];
      const site =
        attentionRate === 0 ? undefined : newSite({ rate: attentionRate, of: 'scores', width: heads });
      const all = bySegment(byHead, 1).map((part, i) =>
        headsOf(part, shape, i < sequences ? start : undefined),
      );
      const contexts = all.map((own, i) => {
        const keep =
          site === undefined
            ? undefined
            : builder.input(`${site}.${i}`, 'float32', [heads, own.q.shape[1], own.q.shape[1]]);
        const before =
          shared !== undefined && i < sequences ? { ...all[sequences], places: whens[sequences] } : undefined;
        return attendOne(own, { width, places: whens[i], keep, before });
      });
      return reshape(transpose(concat(contexts, 1), [1, 0, 2]), [tokens, heads * width]);
    },
    states: (width) => builder.input(packedInputs.states, 'float32', [tokens, width]),
    choose: (rows) =>
      reads === 'tokens' ? rows : gatherRows(rows, chosen(), places(), { indexHasGaps: false }),
    pool: (rows) =>
      reads === 'tokens'
        ? gemm(builder.input(packedInputs.pooling, 'float32', [sequences, tokens]), rows)
        : rows,
  });
  const still: Layout = {
    ...layoutWith(0),
    drop: (x) => x,
    get still() {
      return still;
    },
  };
  return { ...layoutWith(dropout?.attention ?? 0), drop, still, dropout: sites };
}

/** The heads of consecutive tokens, [heads or keyValueHeads, length, width] each. */
interface Heads {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
}

interface Attending {
  readonly width: number;
  /** int64 [length], for decoders. */
  readonly places: Value | undefined;
  readonly keep: Value | undefined;
  /** The common prefix before these tokens. */
  readonly before: { readonly k: Value; readonly v: Value; readonly places: Value } | undefined;
}

/** Attention of one sequence: [heads, length, width]. */
function attendOne({ q, k, v }: Heads, { width, places, keep, before }: Attending): Value {
  const after = (earlier: Value | undefined, own: Value, axis: number): Value =>
    earlier === undefined ? own : concat([earlier, own], axis);
  const bias =
    places && laterKeys(reshape(after(before?.places, places, 0), [1, -1]), reshape(places, [-1, 1]));
  return attention(q, after(before?.k, k, 1), after(before?.v, v, 1), {
    scale: 1 / Math.sqrt(width),
    bias,
    keep,
  });
}

/**
 * Splits [heads + 2 · keyValueHeads, length, width] into queries, keys and values, and applies rotary
 * positions if the network has them.
 * @param start position of the first token, int64 [1]. Default: 0
 */
function headsOf(part: Value, { heads, keyValueHeads, width, rotary }: AttentionShape, start?: Value): Heads {
  if (rotary === undefined) {
    const [q, k, v] = split(part, 0, [heads, keyValueHeads, keyValueHeads]);
    return { q, k, v };
  }
  const [qk, v] = split(part, 0, [heads + keyValueHeads, keyValueHeads]);
  const [q, k] = split(rotaryEmbedding(qk, rotaryTables(part.builder, width, rotary), start), 0, [
    heads,
    keyValueHeads,
  ]);
  return { q, k, v };
}

function gridUnsupported(): AppError {
  return new AppError(
    'LAYOUT_UNFIT',
    "Sequences that attend together must each have their whole text, and none of their attention dropped. Got a shared beginning or dropout of attention: use the layout's attention 'each'.",
  );
}

function prefixUnsupported(): AppError {
  return new AppError(
    'LAYOUT_UNFIT',
    'Sequences that share a beginning must be those of a decoder without dropout in its attention. Got a network that reads both ways, or dropout: give every sequence its whole text.',
  );
}
