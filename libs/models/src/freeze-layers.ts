import { AppError } from '@overture/core';
import type { Model } from './model.ts';

/**
 * The model with its embeddings and lowest layers as they are: they get no gradient, no backward pass reaches them, and nothing in them is dropped.
 * @param layers 0: nothing is frozen
 * @throws AppError `FREEZE_LAYERS_INVALID`
 */
export function freezeLayers<M extends Model>(model: M, layers: number): M {
  const { family, size } = model.network;
  if (!Number.isSafeInteger(layers) || layers < 0 || layers > size.layers) {
    throw new AppError('FREEZE_LAYERS_INVALID', `The number of layers to freeze must be from 0 to ${size.layers}, which is what this ${family} network has. Got ${layers} instead.`, {
      details: { layers, has: size.layers },
    });
  }
  if (layers === 0) return model;
  const isLow = ({ depth }: Model['parameters'][number]): boolean => depth <= layers;
  const logits: Model['logits'] = (layout, source, from) => model.logits(layout, source, from ?? { depth: layers, rows: model.encode(layout.still, source, { to: layers }) });
  return { ...model, logits, parameters: model.parameters.filter((block) => !isLow(block)), frozen: [...model.parameters.filter(isLow), ...model.frozen] };
}

/** The model from the hidden states after `depth` layers on, which the batch brings along instead of being embedded. */
export function aboveDepth<M extends Model>(model: M, depth: number): M {
  const { hiddenSize } = model.network.size;
  const logits: Model['logits'] = (layout, source) => model.logits(layout, source, { depth, rows: layout.states(hiddenSize) });
  return { ...model, logits };
}
