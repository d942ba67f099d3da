import { AppError } from '@overture/core';
import type { Model } from './model.ts';

/**
 * Freezes a model's embeddings and lowest layers: they get no gradient, no backward pass, and no dropout.
 * @param layers number of layers; 0: nothing is frozen
 * @throws AppError `FREEZE_LAYERS_INVALID`
 */
export function freezeLayers<M extends Model>(model: M, layers: number): M {
  const { family, size } = model.network;
  if (!Number.isSafeInteger(layers) || layers < 0 || layers > size.layers) {
    throw new AppError(
      'FREEZE_LAYERS_INVALID',
      `The number of layers to freeze must be from 0 to ${size.layers}, which is what this ${family} network has. Got ${layers} instead.`,
      {
        details: { layers, has: size.layers },
      },
    );
  }
  if (layers === 0) return model;
  const isLow = ({ depth }: Model['parameters'][number]): boolean => depth <= layers;
  const logits: Model['logits'] = (layout, source, from) =>
    model.logits(
      layout,
      source,
      from ?? { depth: layers, rows: model.encode(layout.still, source, { to: layers }) },
    );
  return {
    ...model,
    logits,
    parameters: model.parameters.filter((block) => !isLow(block)),
    frozen: [...model.parameters.filter(isLow), ...model.frozen],
  };
}

/** The part of a model above `depth` layers. Its batches supply hidden states instead of token ids. */
export function aboveDepth<M extends Model>(model: M, depth: number): M {
  const { hiddenSize } = model.network.size;
  const logits: Model['logits'] = (layout, source) =>
    model.logits(layout, source, { depth, rows: layout.states(hiddenSize) });
  return { ...model, logits };
}
