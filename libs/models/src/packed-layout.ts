import { AppError } from '@overture/core';
import { add, attention, concat, gather, gatherRows, gemm, mul, reshape, rotaryEmbedding, shapeOf, split, transpose, type Dim, type GraphBuilder, type Value } from '@overture/graph';
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

export interface PackedLayout extends Layout {
  /** The masks that the graph is fed, so far. */
  readonly dropout: readonly DropoutSite[];
}

/**
 * What is read of a packed batch after the last layer: all of its tokens, for means; one of each sequence, the first or the last; or
 * those that the batch chooses, however many, as a causal language model's answers.
 */
export type Reads = 'tokens' | 'sequences' | 'chosen';

/** What a model with this pooling reads. */
export function readsOf({ task }: Pick<Model, 'task'>, pooling: Pooling): Reads {
  if (task === 'causal') return 'chosen';
  return pooling === 'mean' ? 'tokens' : 'sequences';
}

export interface PackedOptions {
  /** Default `tokens`. */
  readonly reads?: Reads;
  readonly dropout?: DropoutRates;
  /**
   * Whether the sequences are what follows a beginning that they share, as an instruction: its tokens are there once, behind the others, and
   * every sequence sees their keys and values. For decoders; the gradient is that of sequences that each have it, in another order of addition.
   */
  readonly beginning?: boolean;
  /**
   * How attention runs: sequence by sequence, or for all of them on one grid, padding hidden. The grid is more arithmetic in a fraction of the
   * operators, which is what a GPU wants; it knows neither a shared beginning nor dropout of attention probabilities. Default `each`.
   */
  readonly attention?: 'each' | 'together';
}

/**
 * All tokens of a batch one after the other, not one of them padding. Attention runs sequence by sequence, where it is not asked to run
 * `together`: no masks for padding, and scores that stay in the cache. Means are a product with a matrix that is fed; where less is read than
 * all tokens, what the last layer does to each token by itself it does for those alone.
 */
export function packedLayout(builder: GraphBuilder, sequences: number, { reads = 'tokens', dropout, beginning = false, attention: how = 'each' }: PackedOptions = {}): PackedLayout {
  const parts = Array.from({ length: sequences }, (_, i) => builder.input(packedInputs.sequence(i), 'int64', [`length.${i}`]));
  const shared = beginning ? builder.input(packedInputs.beginning, 'int64', ['length.beginning']) : undefined;
  const stretches = shared === undefined ? parts : [...parts, shared];
  const start = shared && shapeOf(shared); // of what follows it
  const ids = concat(stretches, 0);
  const tokens = ids.shape[0];
  const lengths = concat(stretches.map(shapeOf), 0);
  const positions = once(() => builder.input(packedInputs.positions, 'int64', [tokens]));
  const byStretch = (x: Value, axis: number): readonly Value[] => builder.apply('Split', [x, lengths], { axis }, stretches.length);
  const chosen = once(() => builder.input(packedInputs.chosen, 'int64', [reads === 'sequences' ? sequences : 'chosen']));
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
      if (position !== undefined) sum = add(sum, gather(position.table, position.offset === 0 ? positions() : add(positions(), position.offset)));
      // one text per example: every token is of type 0
      return tokenType === undefined ? sum : add(sum, gather(tokenType, builder.constant(int64([1], [0]))));
    },
    attend(qkv, shape) {
      if (how === 'together') {
        if (shared !== undefined || attentionRate > 0) throw gridMisfit();
        return grid().attend(qkv, shape);
      }
      const { heads, keyValueHeads, width, causal } = shape;
      const byHead = transpose(reshape(qkv, [tokens, heads + 2 * keyValueHeads, width]), [1, 0, 2]); // [all heads, tokens, width]
      if (shared !== undefined && (!causal || attentionRate > 0)) throw sharedMisfit();
      const whens = causal ? byStretch(positions(), 0) : [];
      const site = attentionRate === 0 ? undefined : newSite({ rate: attentionRate, of: 'scores', width: heads });
      const all = byStretch(byHead, 1).map((part, i) => headsOf(part, shape, i < sequences ? start : undefined));
      const contexts = all.map((own, i) => {
        const keep = site === undefined ? undefined : builder.input(`${site}.${i}`, 'float32', [heads, own.q.shape[1], own.q.shape[1]]);
        const before = shared !== undefined && i < sequences ? { ...all[sequences], places: whens[sequences] } : undefined;
        return attendOne(own, { width, places: whens[i], keep, before });
      });
      return reshape(transpose(concat(contexts, 1), [1, 0, 2]), [tokens, heads * width]);
    },
    states: (width) => builder.input(packedInputs.states, 'float32', [tokens, width]),
    choose: (rows) => (reads === 'tokens' ? rows : gatherRows(rows, chosen(), places(), { indexHasGaps: false })),
    pool: (rows) => (reads === 'tokens' ? gemm(builder.input(packedInputs.pooling, 'float32', [sequences, tokens]), rows) : rows),
  });
  const still: Layout = { ...layoutWith(0), drop: (x) => x, get still() { return still; } };
  return { ...layoutWith(dropout?.attention ?? 0), drop, still, dropout: sites };
}

/** A stretch of tokens, [heads or keyValueHeads, length, width] each. */
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
  /** The beginning that the stretch follows. */
  readonly before: { readonly k: Value; readonly v: Value; readonly places: Value } | undefined;
}

/** Gives [heads, length, width]. */
function attendOne({ q, k, v }: Heads, { width, places, keep, before }: Attending): Value {
  const after = (earlier: Value | undefined, own: Value, axis: number): Value => (earlier === undefined ? own : concat([earlier, own], axis));
  const bias = places && laterKeys(reshape(after(before?.places, places, 0), [1, -1]), reshape(places, [-1, 1]));
  return attention(q, after(before?.k, k, 1), after(before?.v, v, 1), { scale: 1 / Math.sqrt(width), bias, keep });
}

/** Queries, keys and values of [heads + 2 · keyValueHeads, length, width], turned to their places where the network does. @param start int64 [1], of its first token. Default: 0 */
function headsOf(part: Value, { heads, keyValueHeads, width, rotary }: AttentionShape, start?: Value): Heads {
  if (rotary === undefined) {
    const [q, k, v] = split(part, 0, [heads, keyValueHeads, keyValueHeads]);
    return { q, k, v };
  }
  const [qk, v] = split(part, 0, [heads + keyValueHeads, keyValueHeads]);
  const [q, k] = split(rotaryEmbedding(qk, rotaryTables(part.builder, width, rotary), start), 0, [heads, keyValueHeads]);
  return { q, k, v };
}

function gridMisfit(): AppError {
  return new AppError('LAYOUT_UNFIT', "Sequences that attend together must each have their whole text, and none of their attention dropped. Got a shared beginning or dropout of attention: use the layout's attention 'each'.");
}

function sharedMisfit(): AppError {
  return new AppError('LAYOUT_UNFIT', 'Sequences that share a beginning must be those of a decoder without dropout in its attention. Got a network that reads both ways, or dropout: give every sequence its whole text.');
}
