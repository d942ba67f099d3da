import type { JsonValue } from '@overture/core';
import { gemm, type Value } from '@overture/graph';
import type { Layout } from './layout.ts';
import type { ParameterBlock } from './parameter-block.ts';
import type { UnusedTensor } from './weights/unused-tensors.ts';

/** Dimensions that every network has. */
export interface NetworkSize {
  /** Rows of the embedding. */
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Maximum input length in tokens. */
  readonly maxPositions: number;
  readonly padTokenId: number;
}

/** Names of a family's task heads in Hugging Face's libraries. */
export interface HeadNames {
  /** `architectures` of a sequence classifier. */
  readonly classifier: string;
  /** The linear layer of a sequence classifier; Llama's `score` has no bias. */
  readonly classifierLayer: string;
  readonly classifierBias: boolean;
  /** Whether training applies dropout to the classifier's input. */
  readonly classifierDropout: boolean;
  /** `architectures` of a causal language model; absent if attention is bidirectional. */
  readonly causal?: string;
  /** The untied output projection of a causal language model; absent if the embedding is used instead. */
  readonly causalLayer?: string;
}

/** Hidden states from which a network continues. */
export interface HiddenStates {
  /** Number of layers already applied. */
  readonly depth: number;
  /** float32 [rows, hidden], one row per token. */
  readonly rows: Value;
}

/** A range of a network's layers. Default: all of them. */
export interface LayerRange {
  /** Hidden states to start from, instead of token ids. */
  readonly from?: HiddenStates;
  /** Number of layers after which to stop, before the final norm; 0: after the embeddings. */
  readonly to?: number;
}

/**
 * A network of some family, created from a `config.json`, as heads, training, export, and inference use it.
 * The encoder depends neither on the arrangement of tokens (a `Layout`) nor on the origin of its parameters
 * (a `ParameterSource`).
 */
export interface Network {
  /** `model_type` of its config.json. */
  readonly family: string;
  readonly size: NetworkSize;
  /**
   * Prefix of the encoder's tensor names in files of a complete model, absent in files of only the encoder:
   * `bert.`.
   */
  readonly prefix: string;
  /**
   * The encoder's blocks: dense ones first, tables last, so that dense gradients are one contiguous range.
   */
  readonly parameters: readonly ParameterBlock[];
  /** Block name of the token embedding table. */
  readonly embedding: string;
  /** Whether an exported graph has the input `token_type_ids`. */
  readonly tokenTypes: boolean;
  /** Recommended pooling. With causal attention, the last token has seen the whole text. */
  readonly defaultPooling: 'mean' | 'last';
  readonly head: HeadNames;
  /**
   * Names of output projections with the embedding's values. A file can have one of them instead of the
   * embedding.
   */
  readonly tied: readonly string[];
  /**
   * Describes a tensor (name without prefix) that files of this family can have but this network does not
   * use; undefined for any other tensor.
   */
  unused(name: string): UnusedTensor | undefined;
  /**
   * Hidden states of every token, [rows, hidden]; after the last layer, only of the tokens that the layout
   * chooses. The layout applies dropout.
   */
  encode(layout: Layout, parameters: ParameterSource, layerRange?: LayerRange): Value;
  /** The dimensions as `config.json` members with Hugging Face's names. */
  configJson(): Record<string, JsonValue>;
}

/**
 * Provides parameters to a network while its graph is built. An adapter or a quantized weight is another
 * source.
 */
export interface ParameterSource {
  /** The value of a block. */
  value(name: string): Value;
  /** x Wᵀ + b, [rows, in] → [rows, out], with the blocks `${at}.weight` and, if present, `${at}.bias`. */
  linear(x: Value, at: string): Value;
}

/** A source of unmodified parameters, from values by block name. */
export function parameterSource(valueOf: (name: string) => Value | undefined): ParameterSource {
  const value = (name: string): Value => valueOf(name)!; // all blocks of a network are declared
  return {
    value,
    linear: (x, at) => gemm(x, value(`${at}.weight`), valueOf(`${at}.bias`), { transB: true }),
  };
}
