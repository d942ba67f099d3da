import type { JsonValue } from '@overture/core';
import { gemm, type Value } from '@overture/graph';
import type { Layout } from './layout.ts';
import type { ParameterBlock } from './parameter-block.ts';
import type { UnusedTensor } from './weights/unused-tensors.ts';

/** What every network says of its size. */
export interface NetworkSize {
  /** Rows of the embedding. */
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Longest input, in tokens. */
  readonly maxPositions: number;
  readonly padTokenId: number;
}

/** The names under which a family's task heads are known to Hugging Face's libraries. */
export interface HeadNames {
  /** `architectures` of a model for sequence classification. */
  readonly classifier: string;
  /** The linear layer of a sequence classifier; `score` of Llama has no bias. */
  readonly classifierLayer: string;
  readonly classifierBias: boolean;
  /** Whether training drops some of what the classifier reads. */
  readonly classifierDropout: boolean;
  /** `architectures` of a causal language model; absent where the network sees both sides of a token. */
  readonly causal?: string;
  /** The untied output projection of a causal language model; absent where the embedding is used again. */
  readonly causalLayer?: string;
}

/** Hidden states from which a network goes on. */
export interface HiddenStates {
  /** How many layers they have passed. */
  readonly depth: number;
  /** float32 [rows, hidden], one row per token. */
  readonly rows: Value;
}

/** A stretch of a network; by default all of it. */
export interface Stretch {
  /** Where it begins, instead of with the tokens' ids. */
  readonly from?: HiddenStates;
  /** The layer after which it ends, before whatever follows the last one: 0 for the embeddings. */
  readonly to?: number;
}

/**
 * A network of some family, read from a `config.json`: what heads, training, export and inference ask of it. The encoder knows
 * neither how tokens lie in memory (a `Layout`) nor where its parameters come from (a `ParameterSource`).
 */
export interface Network {
  /** `model_type` of its config.json. */
  readonly family: string;
  readonly size: NetworkSize;
  /** Before every name of a file of the whole model, absent in files of the encoder alone: `bert.`. */
  readonly prefix: string;
  /** The encoder's blocks: dense ones first, tables last, so that dense gradients are one contiguous range. */
  readonly parameters: readonly ParameterBlock[];
  /** The table of token embeddings, by block name. */
  readonly embedding: string;
  /** Whether an exported graph has the input `token_type_ids`. */
  readonly tokenTypes: boolean;
  /** What pooling suits it: a network whose tokens see only what lies before them tells the most at the last one. */
  readonly defaultPooling: 'mean' | 'last';
  readonly head: HeadNames;
  /** Names of output projections that share the embedding's values: a file may hold one of them instead. */
  readonly tied: readonly string[];
  /** What a tensor of this name (without the prefix) is, where files of this family may hold it and this network does not use it; else undefined. */
  unused(name: string): UnusedTensor | undefined;
  /** The hidden state of every token, [rows, hidden]; after the last layer, of those that the layout chooses. Dropout is its layout's business. */
  encode(layout: Layout, parameters: ParameterSource, stretch?: Stretch): Value;
  /** The members of a `config.json` that say this shape, in Hugging Face's words. */
  configJson(): Record<string, JsonValue>;
}

/** How a network under construction reaches its parameters: an adapter or a quantised weight is another source. */
export interface ParameterSource {
  /** The value of a block. */
  value(name: string): Value;
  /** x Wᵀ + b, [rows, in] → [rows, out], with the blocks `${at}.weight` and, where there is one, `${at}.bias`. */
  linear(x: Value, at: string): Value;
}

/** Parameters as they are: values by block name. */
export function parameterSource(valueOf: (name: string) => Value | undefined): ParameterSource {
  const value = (name: string): Value => valueOf(name)!; // the blocks of a network are all declared
  return { value, linear: (x, at) => gemm(x, value(`${at}.weight`), valueOf(`${at}.bias`), { transB: true }) };
}
