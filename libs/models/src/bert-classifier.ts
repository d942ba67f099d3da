import type { BertConfig } from './bert-dimensions.ts';
import { bertNetwork } from './bert-network.ts';
import { exportModel, type ExportOptions } from './export-model.ts';
import { encodeWeights, parseWeights, type LoadWeightsOptions, type Weights } from './model-weights.ts';
import { sequenceClassifier, type Model } from './model.ts';

/** Number of classes of the initiative classifier: 0 no initiative, 1 initiative. */
export const classCount = 2;

/**
 * The initiative classifier on a BERT-type encoder, as a `Model`. The functions below are shortcuts for
 * callers with a `BertConfig`.
 */
export function bertModel(config: BertConfig): Model {
  return sequenceClassifier(bertNetwork(config), { classes: classCount });
}

/** See `parseWeights`. */
export function parseClassifierWeights(
  bytes: Uint8Array,
  config: BertConfig,
  options: LoadWeightsOptions,
): Weights {
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
