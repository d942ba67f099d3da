import { classCount, mergeLora, sequenceClassifier, withLora, type LoraModel, type Model, type Network, type Weights } from '@overture/models';
import type { FineTuneConfig } from './fine-tune-config.ts';

/** The initiative classifier on a network as a configuration trains it: every weight, or adapters only. */
export function trainableModel(network: Network, { lora }: Pick<FineTuneConfig, 'lora'>): Model | LoraModel {
  const model = sequenceClassifier(network, { classes: classCount });
  return lora === null ? model : withLora(model, lora);
}

/** The weights of a model without adapters that computes the same: what is exported. */
export function mergedWeights(model: Model | LoraModel, weights: Weights): Weights {
  return 'lora' in model ? mergeLora(model, weights) : weights;
}
