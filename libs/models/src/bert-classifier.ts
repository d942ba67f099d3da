import type { Value } from '@overture/graph';
import type { Tensor } from '@overture/tensors';
import type { BertConfig } from './bert-config.ts';
import { bertNetwork } from './bert-network.ts';
import { exportModel, modelGraph, type ExportOptions } from './export-model.ts';
import type { Graph } from '@overture/graph';
import type { Layout } from './layout.ts';
import { encodeWeights, loadWeights, parseWeights, type LoadWeightsOptions, type Weights } from './model-weights.ts';
import { sequenceClassifier, type Model } from './model.ts';
import { parameterSource } from './network.ts';
import type { ParameterBlock } from './parameter-block.ts';

/** The two classes of the initiative classifier: 0 no initiative, 1 initiative. */
export const classCount = 2;

/** Finds a parameter's value in the graph under construction by its block's name. */
export type ParameterLookup = (name: string) => Value;

/** The initiative classifier on a BERT-type encoder, as a `Model`. What follows is that model's own, for callers that hold a `BertConfig`. */
export function bertModel(config: BertConfig): Model {
  return sequenceClassifier(bertNetwork(config), { classes: classCount });
}

/** Every parameter of encoder and head, in the order of the flat buffer. */
export function bertParameters(config: BertConfig): readonly ParameterBlock[] {
  return bertModel(config).parameters;
}

/** The logits, [batch, 2]. */
export function bertClassifier(config: BertConfig, layout: Layout, parameter: ParameterLookup): Value {
  return bertModel(config).logits(layout, parameterSource(parameter));
}

/** See `loadWeights`. */
export function loadClassifierWeights(tensors: ReadonlyMap<string, Tensor>, config: BertConfig, options: LoadWeightsOptions): Weights {
  return loadWeights(tensors, bertModel(config), options);
}

/** See `parseWeights`. */
export function parseClassifierWeights(bytes: Uint8Array, config: BertConfig, options: LoadWeightsOptions): Weights {
  return parseWeights(bytes, bertModel(config), options);
}

/** See `encodeWeights`. */
export function encodeClassifierWeights(weights: Weights): Uint8Array {
  return encodeWeights(weights);
}

/** See `exportModel`. */
export function exportClassifier(config: BertConfig, weights: Weights, options: ExportOptions): Uint8Array {
  return exportModel(bertModel(config), weights, options);
}

/** See `modelGraph`. */
export function classifierGraph(config: BertConfig, weights: Weights, options: ExportOptions): Graph {
  return modelGraph(bertModel(config), weights, options);
}
