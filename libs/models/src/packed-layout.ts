import { AppError } from '@overture/core';
import { add, attention, cast, concat, gather, gatherRows, gemm, greater, mul, reshape, rotaryEmbedding, shapeOf, split, transpose, type GraphBuilder, type Value } from '@overture/graph';
import { int64 } from '@overture/tensors';
import type { DropoutRates, DropoutSite } from './dropout.ts';
import type { AttentionShape, Droppable, Layout } from './layout.ts';
import { once } from './once.ts';
import { rotaryTables } from './rotary-tables.ts';

/** Names of the packed graph's inputs; `packBatch` feeds them. A graph has those that its network asks for. */
export const packedInputs = {
  /** int64 [tokens of sequence i] */
  sequence: (i: number): string => `sequence.${i}`,
  /** int64 [tokens]: what all sequences begin with, where it is given once. */
  beginning: 'beginning',
  /** int64 [tokens] */
  positions: 'positions',
  /** float32 [tokens, hidden]: hidden states that the batch brings along; see `packStates`. */
  states: 'states',
  /** A mask of dropout; see `DropoutSite`. */
  dropout: (site: number): string => `dropout.${site}`,
  /** float32 [sequences, tokens] */
  pooling: 'pooling',
  /** int64 [chosen]: the tokens whose next one matters, counted through the batch; see `chooseTokens`. */
  chosen: 'chosen',
  /** int64 [tokens]: the place of a token among the chosen, -1 elsewhere. */
  places: 'chosen.places',
} as const;

const hidden = -1e9; // added to the scores of keys that must not be seen: e^-1e9 = 0

export interface PackedLayout extends Layout {
  /** The masks that the graph is fed, so far. */
  readonly dropout: readonly DropoutSite[];
}

export interface PackedOptions {
  readonly dropout?: DropoutRates;
  /**
   * Whether the sequences are what follows a beginning that they share, as an instruction: its tokens are there once, behind the others, and
   * every sequence sees their keys and values. For decoders; the gradient is that of sequences that each have it, in another order of addition.
   */
  readonly beginning?: boolean;
}

/**
 * All tokens of a batch one after the other, not one of them padding. Attention runs sequence by sequence: no masks for
 * padding, and scores that stay in the cache. Pooling is a product with a matrix that is fed: means, first or last tokens alike.
 */
export function packedLayout(builder: GraphBuilder, sequences: number, { dropout, beginning = false }: PackedOptions = {}): PackedLayout {
  const parts = Array.from({ length: sequences }, (_, i) => builder.input(packedInputs.sequence(i), 'int64', [`length.${i}`]));
  const shared = beginning ? builder.input(packedInputs.beginning, 'int64', ['length.beginning']) : undefined;
  const stretches = shared === undefined ? parts : [...parts, shared];
  const ids = concat(stretches, 0);
  const tokens = ids.shape[0];
  const lengths = concat(stretches.map(shapeOf), 0);
  const positions = once(() => builder.input(packedInputs.positions, 'int64', [tokens]));
  const byStretch = (x: Value, axis: number): readonly Value[] => builder.apply('Split', [x, lengths], { axis }, stretches.length);
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
    const name = newSite({ rate, of: x.shape[0] === sequences ? 'sequences' : 'tokens', width: x.shape[1] as number });
    const result = mul(x, builder.input(name, 'float32', x.shape));
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
      const { heads, keyValueHeads, width, causal } = shape;
      const byHead = transpose(reshape(qkv, [tokens, heads + 2 * keyValueHeads, width]), [1, 0, 2]); // [all heads, tokens, width]
      if (shared !== undefined && (!causal || attentionRate > 0)) throw sharedMisfit();
      const places = causal ? byStretch(positions(), 0) : [];
      const site = attentionRate === 0 ? undefined : newSite({ rate: attentionRate, of: 'scores', width: heads });
      const stretchesOf = byStretch(byHead, 1);
      const first = shared && headsOf(stretchesOf[sequences], shape);
      const contexts = stretchesOf.map((part, i) => {
        const keep = site === undefined ? undefined : builder.input(`${site}.${i}`, 'float32', [heads, part.shape[1], part.shape[1]]);
        const before = first !== undefined && i < sequences ? { keys: first.k, values: first.v, places: places[sequences], length: shapeOf(shared!) } : undefined;
        return attendOne(part, shape, { places: places[i], keep, before });
      });
      return reshape(transpose(concat(contexts, 1), [1, 0, 2]), [tokens, heads * width]);
    },
    states: (width) => builder.input(packedInputs.states, 'float32', [tokens, width]),
    pool: (rows) => gemm(builder.input(packedInputs.pooling, 'float32', [sequences, tokens]), rows),
    choose: (rows) => gatherRows(rows, builder.input(packedInputs.chosen, 'int64', ['chosen']), builder.input(packedInputs.places, 'int64', [tokens]), { indexHasGaps: false }),
  });
  const still: Layout = { ...layoutWith(0), drop: (x) => x, get still() { return still; } };
  return { ...layoutWith(dropout?.attention ?? 0), drop, still, dropout: sites };
}

/** What a stretch of tokens attends with, beside itself. */
interface Given {
  /** int64 [length], for decoders. */
  readonly places: Value | undefined;
  readonly keep: Value | undefined;
  /** Of the beginning that it follows, which has its own places and int64 [1] tokens. */
  readonly before: { readonly keys: Value; readonly values: Value; readonly places: Value; readonly length: Value } | undefined;
}

/** One stretch, [heads + 2 · keyValueHeads, length, width] to [heads, length, width]. */
function attendOne(part: Value, shape: AttentionShape, { places, keep, before }: Given): Value {
  const { q, k, v } = headsOf(part, shape, before?.length);
  const after = (earlier: Value | undefined, own: Value, axis: number): Value => (earlier === undefined ? own : concat([earlier, own], axis));
  const bias = places && laterKeys(after(before?.places, places, 0), places);
  return attention(q, after(before?.keys, k, 1), after(before?.values, v, 1), { scale: 1 / Math.sqrt(shape.width), bias, keep });
}

interface Heads {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
}

/** Queries, keys and values of a stretch, turned to their places where the network does. @param start int64 [1], of its first token. Default: 0 */
function headsOf(part: Value, { heads, keyValueHeads, width, rotary }: AttentionShape, start?: Value): Heads {
  if (rotary === undefined) {
    const [q, k, v] = split(part, 0, [heads, keyValueHeads, keyValueHeads]);
    return { q, k, v };
  }
  const [qk, v] = split(part, 0, [heads + keyValueHeads, keyValueHeads]);
  const [q, k] = split(rotaryEmbedding(qk, rotaryTables(part.builder, width, rotary), start), 0, [heads, keyValueHeads]);
  return { q, k, v };
}

/** Hides from every query the keys after it: [queries, keys]. */
function laterKeys(keys: Value, queries: Value): Value {
  return mul(cast(greater(reshape(keys, [1, -1]), reshape(queries, [-1, 1])), 'float32'), hidden);
}

function sharedMisfit(): AppError {
  return new AppError('LAYOUT_UNFIT', 'Sequences that share a beginning must be those of a decoder without dropout in its attention. Got another network: give every sequence its whole text.');
}
