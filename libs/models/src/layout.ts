import type { Value } from '@overture/graph';
import type { BertConfig } from './bert-config.ts';

/** The embedding tables of a BERT-type encoder. */
export interface EmbeddingTables {
  /** float32 [vocabSize, hidden] */
  readonly word: Value;
  /** float32 [maxPositions, hidden] */
  readonly position: Value;
  /** float32 [typeVocabSize, hidden] */
  readonly tokenType: Value;
}

/**
 * How the tokens of a batch lie in memory. The network works on rows, one per token, and asks its layout wherever a
 * sequence matters: so that training on packed tokens and an exported padded graph are one network.
 */
export interface Layout {
  /** Sum of the three embeddings of every token: [rows, hidden]. */
  embed(tables: EmbeddingTables): Value;
  /**
   * Softmax attention inside each sequence.
   * @param qkv [rows, 3 · hidden]: queries, keys, values, each of `heads` heads
   * @returns [rows, hidden]
   */
  attend(qkv: Value, config: BertConfig): Value;
  /** One vector per sequence: [batch, hidden]. */
  pool(rows: Value): Value;
}
