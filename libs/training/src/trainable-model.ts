import { AppError } from '@overture/core';
import {
  classCount,
  freezeLayers as frozenUpTo,
  mergeLora,
  sequenceClassifier,
  withLora,
  type LoraModel,
  type Model,
  type Network,
  type Weights,
} from '@overture/models';
import type { FineTuneConfig } from './fine-tune-config.ts';

/**
 * Builds the initiative classifier on a network as configured: trains all weights, the weights above the
 * frozen layers, or only adapters.
 * @throws AppError `FREEZE_LAYERS_INVALID`, `LORA_INVALID`
 */
export function trainableModel(
  network: Network,
  config: Pick<FineTuneConfig, 'lora'> & Partial<Pick<FineTuneConfig, 'freezeLayers'>>,
): Model | LoraModel {
  return asConfigured(sequenceClassifier(network, { classes: classCount }), config);
}

/**
 * Applies the configured adapters and frozen layers to a model. Adapters are added only above the frozen
 * layers.
 * @throws AppError `FREEZE_LAYERS_INVALID`, `LORA_INVALID`
 */
export function asConfigured(
  model: Model,
  { lora, freezeLayers = 0 }: Pick<FineTuneConfig, 'lora'> & Partial<Pick<FineTuneConfig, 'freezeLayers'>>,
): Model | LoraModel {
  if (lora === null || freezeLayers === 0)
    return frozenUpTo(lora === null ? model : withLora(model, lora), freezeLayers);
  const { layers } = model.network.size;
  if (freezeLayers === layers)
    throw new AppError(
      'FREEZE_LAYERS_INVALID',
      `With training.lora, training.freezeLayers must leave a layer for the adapters: at most ${layers - 1}. Got ${freezeLayers} instead.`,
      { details: { layers: freezeLayers, has: layers } },
    );
  frozenUpTo(model, freezeLayers); // rejects more layers than the network has
  const adapted = withLora(model, {
    ...lora,
    layers: Array.from({ length: layers - freezeLayers }, (_, i) => freezeLayers + i),
  });
  return frozenUpTo(adapted, freezeLayers);
}

/** The weights to export: adapters are merged into an equivalent model without adapters. */
export function mergedWeights(model: Model | LoraModel, weights: Weights): Weights {
  return 'lora' in model ? mergeLora(model, weights) : weights;
}
