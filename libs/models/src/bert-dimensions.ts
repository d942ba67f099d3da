import type { BertModelType } from './bert-model-type.ts';

/** Dimensions of a BERT-type encoder, read from a Hugging Face `config.json`. */
export interface BertConfig {
  readonly modelType: BertModelType;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Maximum input length in tokens. */
  readonly maxPositions: number;
  /** 0: a family without token types. */
  readonly typeVocabSize: number;
  readonly layerNormEpsilon: number;
  readonly padTokenId: number;
}
