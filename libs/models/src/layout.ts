import type { Value } from '@overture/graph';
import type { RopeParameters } from './rope-scaling.ts';

/** The embedding tables that a network has. */
export interface EmbeddingTables {
  /** float32 [vocabSize, hidden] */
  readonly word: Value;
  /** Table float32 [offset + maxPositions, hidden]; `offset` is the row of a sequence's first token. */
  readonly position?: { readonly table: Value; readonly offset: number };
  /** float32 [types, hidden] */
  readonly tokenType?: Value;
}

/** Values that dropout can apply to: hidden states, or an adapter's input. */
export type Droppable = 'hidden' | 'adapter';

/** Parameters of a network's attention. */
export interface AttentionShape {
  readonly heads: number;
  /**
   * Number of key and value heads, each shared by heads / keyValueHeads query heads (Ainslie et al.,
   * arXiv:2305.13245).
   */
  readonly keyValueHeads: number;
  /** Elements per head. */
  readonly width: number;
  /** Whether a token attends only to itself and earlier tokens. */
  readonly causal: boolean;
  /**
   * Rotary position embedding of queries and keys (Su et al., arXiv:2104.09864), for at most this many
   * positions.
   */
  readonly rotary?: RopeParameters & { readonly positions: number };
}

/**
 * Arrangement of a batch's tokens. The network computes rows, one per token, and calls its layout wherever
 * sequences matter. The same network thus serves packed training graphs and padded exported graphs.
 */
export interface Layout {
  /** The same layout without dropout, for frozen layers. */
  readonly still: Layout;
  /** Sum of the embeddings of every token: [rows, hidden]. */
  embed(tables: EmbeddingTables): Value;
  /**
   * Softmax attention within each sequence.
   * @param qkv [rows, (heads + 2 · keyValueHeads) · width]: queries, keys, values
   * @returns [rows, heads · width]
   */
  attend(qkv: Value, shape: AttentionShape): Value;
  /** Hidden states that the batch supplies instead of token ids: [rows, width]. */
  states(width: number): Value;
  /**
   * Applies dropout to values, [n, width], in layouts for training; otherwise returns them unchanged. Calls
   * with the same values share one mask.
   */
  drop(x: Value, what: Droppable): Value;
  /**
   * Selects the tokens whose output is used after the last layer, so that the last layer computes only those
   * rows.
   */
  choose(rows: Value): Value;
  /** One vector per sequence, from the chosen rows: [batch, hidden]. */
  pool(chosen: Value): Value;
}
