import type { BertConfig } from './bert-dimensions.ts';
import type { BertModelType } from './bert-model-type.ts';
import type { HeadNames } from './network.ts';

/** Differences between BERT-type families: config keys, weight names, and the offset of positions. */
export interface BertNames {
  /** Keys of config.json by field. A family without token types has no key for them. */
  readonly keys: Readonly<
    Record<'vocabSize' | 'hiddenSize' | 'layers' | 'heads' | 'intermediateSize' | 'maxPositions', string>
  > & { readonly typeVocabSize?: string; readonly activation: string };
  /** layer_norm_eps if the config has none. */
  readonly epsilon: number;
  readonly prefix: string;
  readonly embeddings: {
    readonly word: string;
    readonly position: string;
    readonly tokenType?: string;
    readonly norm: string;
  };
  layer(
    index: number,
  ): Readonly<
    Record<
      | 'qkv'
      | 'query'
      | 'key'
      | 'value'
      | 'attentionOutput'
      | 'attentionNorm'
      | 'inner'
      | 'outer'
      | 'outerNorm',
      string
    >
  >;
  /**
   * Whether training also applies dropout to the attention output, in addition to the places that all
   * families share.
   */
  readonly dropsAttentionOutput: boolean;
  /** Row of the position table for the first token. */
  positionOffset(config: Pick<BertConfig, 'padTokenId'>): number;
  /** Whether readers of an exported graph feed `token_type_ids`. */
  readonly feedsTokenTypes: boolean;
  readonly head: HeadNames;
  /** Matches the encoder's tensor names, without the prefix. */
  readonly encoderNames: RegExp;
  /** See `Network.tied`. */
  readonly tied: readonly string[];
}

const bertKeys = {
  vocabSize: 'vocab_size',
  hiddenSize: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  intermediateSize: 'intermediate_size',
  maxPositions: 'max_position_embeddings',
  typeVocabSize: 'type_vocab_size',
  activation: 'hidden_act',
} as const;

const classifierLayer = {
  classifierLayer: 'classifier',
  classifierBias: true,
  classifierDropout: true,
} as const;

/** BERT's names, which RoBERTa also uses. */
function bertLike(
  prefix: string,
  classifier: string,
): Pick<BertNames, 'keys' | 'prefix' | 'embeddings' | 'layer' | 'head'> {
  const embeddings = `${prefix}embeddings`;
  return {
    keys: bertKeys,
    prefix,
    embeddings: {
      word: `${embeddings}.word_embeddings.weight`,
      position: `${embeddings}.position_embeddings.weight`,
      tokenType: `${embeddings}.token_type_embeddings.weight`,
      norm: `${embeddings}.LayerNorm`,
    },
    layer(index) {
      const at = `${prefix}encoder.layer.${index}`;
      const self = `${at}.attention.self`;
      return {
        qkv: `${self}.qkv`,
        query: `${self}.query`,
        key: `${self}.key`,
        value: `${self}.value`,
        attentionOutput: `${at}.attention.output.dense`,
        attentionNorm: `${at}.attention.output.LayerNorm`,
        inner: `${at}.intermediate.dense`,
        outer: `${at}.output.dense`,
        outerNorm: `${at}.output.LayerNorm`,
      };
    },
    head: { classifier, ...classifierLayer },
  };
}

/** One row per family. MiniLM is a BERT. */
export const bertNames: Readonly<Record<BertModelType, BertNames>> = {
  bert: {
    ...bertLike('bert.', 'BertForSequenceClassification'),
    epsilon: 1e-12,
    dropsAttentionOutput: true,
    feedsTokenTypes: true,
    positionOffset: () => 0,
    encoderNames: /^(embeddings|encoder)\./,
    tied: ['cls.predictions.decoder.weight'],
  },
  roberta: {
    ...bertLike('roberta.', 'RobertaForSequenceClassification'),
    epsilon: 1e-12,
    dropsAttentionOutput: true,
    feedsTokenTypes: false,
    // fairseq numbers positions after the padding token
    positionOffset: ({ padTokenId }) => padTokenId + 1,
    encoderNames: /^(embeddings|encoder)\./,
    tied: ['lm_head.decoder.weight'],
  },
  distilbert: {
    keys: {
      vocabSize: 'vocab_size',
      hiddenSize: 'dim',
      layers: 'n_layers',
      heads: 'n_heads',
      intermediateSize: 'hidden_dim',
      maxPositions: 'max_position_embeddings',
      activation: 'activation',
    },
    epsilon: 1e-12,
    dropsAttentionOutput: false,
    feedsTokenTypes: false,
    prefix: 'distilbert.',
    embeddings: {
      word: 'distilbert.embeddings.word_embeddings.weight',
      position: 'distilbert.embeddings.position_embeddings.weight',
      norm: 'distilbert.embeddings.LayerNorm',
    },
    layer(index) {
      const at = `distilbert.transformer.layer.${index}`;
      return {
        qkv: `${at}.attention.qkv_lin`,
        query: `${at}.attention.q_lin`,
        key: `${at}.attention.k_lin`,
        value: `${at}.attention.v_lin`,
        attentionOutput: `${at}.attention.out_lin`,
        attentionNorm: `${at}.sa_layer_norm`,
        inner: `${at}.ffn.lin1`,
        outer: `${at}.ffn.lin2`,
        outerNorm: `${at}.output_layer_norm`,
      };
    },
    positionOffset: () => 0,
    head: { classifier: 'DistilBertForSequenceClassification', ...classifierLayer },
    encoderNames: /^(embeddings|transformer)\./,
    tied: ['vocab_projector.weight'],
  },
};
