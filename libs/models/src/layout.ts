import type { Value } from '@overture/graph';
import type { RopeParameters } from './rope-scaling.ts';

/** The embedding tables of a network; what it does not have is left out. */
export interface EmbeddingTables {
  /** float32 [vocabSize, hidden] */
  readonly word: Value;
  /** The row of a sequence's first token, and float32 [offset + maxPositions, hidden]. */
  readonly position?: { readonly table: Value; readonly offset: number };
  /** float32 [types, hidden] */
  readonly tokenType?: Value;
}

/** What training may drop: hidden states, or what an adapter reads. */
export type Droppable = 'hidden' | 'adapter';

/** How a network attends. */
export interface AttentionShape {
  readonly heads: number;
  /** Heads of keys and values, each shared by heads / keyValueHeads queries (Ainslie et al., arXiv:2305.13245). */
  readonly keyValueHeads: number;
  /** Elements per head. */
  readonly width: number;
  /** Whether a token sees only itself and what lies before it. */
  readonly causal: boolean;
  /** Rotary position embedding of queries and keys (Su et al., arXiv:2104.09864), for this many positions at most. */
  readonly rotary?: RopeParameters & { readonly positions: number };
}

/**
 * How the tokens of a batch lie in memory. The network works on rows, one per token, and asks its layout wherever a
 * sequence matters: so that training on packed tokens and an exported padded graph are one network.
 */
export interface Layout {
  /** The same without dropout: for layers that are frozen. */
  readonly still: Layout;
  /** Sum of the embeddings of every token: [rows, hidden]. */
  embed(tables: EmbeddingTables): Value;
  /**
   * Softmax attention inside each sequence.
   * @param qkv [rows, (heads + 2 · keyValueHeads) · width]: queries, keys, values
   * @returns [rows, heads · width]
   */
  attend(qkv: Value, shape: AttentionShape): Value;
  /** Hidden states that come with the batch, instead of ids that are embedded: [rows, width]. */
  states(width: number): Value;
  /** Values of which training with dropout sets some to zero, [n, width]; everywhere else as they are. What reads the same values drops the same of them. */
  drop(x: Value, what: Droppable): Value;
  /** Those of all tokens' rows that anything is read from after the last layer, which computes no others. */
  choose(rows: Value): Value;
  /** One vector per sequence, from the chosen rows: [batch, hidden]. */
  pool(chosen: Value): Value;
}
