import { AppError } from '@overture/core';
import type { Model } from '@overture/models';
import { elementCount } from '@overture/tensors';
import type { DecoderSettings } from './decoder-messages.ts';

const onnxLimit = 2 ** 31 - 2 ** 24; // bytes of constants in a file, see encodeOnnx
// Measured with SmolLM2 (538 MB of weights): 3.1 GB while the graph is built, transferred and packed; 0.9 GB
// if the weights are fed as inputs.
const [constantShare, fedShare] = [5.7, 1.7];

/**
 * Whether the weights become constants of the graph.
 * @throws AppError `LANGUAGE_MODEL_TOO_LARGE` if the model does not fit either way
 */
export function fitsAsConstants(model: Model, settings: DecoderSettings): boolean {
  const bytes = weightBytes(model);
  const asConstants = bytes <= onnxLimit && bytes * constantShare <= settings.memoryBytes;
  if (!asConstants && (settings.precision === 'int8' || bytes * fedShare > settings.memoryBytes))
    throw tooLarge(settings, bytes);
  return asConstants;
}

/** Number of decoders with constant weights that fit into this memory together. */
export function decodersIn(bytes: number, model: Model): number {
  return Math.floor(bytes / (weightBytes(model) * constantShare));
}

/** Bytes of the weights in float32. */
function weightBytes({ parameters }: Model): number {
  return parameters.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
}

function tooLarge({ weights, memoryBytes, precision }: DecoderSettings, bytes: number): AppError {
  const gigabytes = (value: number): string => `${(value / 2 ** 30).toFixed(1)} GiB`;
  const needed = bytes * (precision === 'int8' ? constantShare : fedShare);
  return new AppError(
    'LANGUAGE_MODEL_TOO_LARGE',
    `The model ${weights} must fit in memory: its float32 weights are ${gigabytes(bytes)}, which takes about ${gigabytes(needed)} to open${precision === 'int8' ? ' in int8' : ''}. The machine has ${gigabytes(memoryBytes)}${precision === 'int8' && bytes > onnxLimit ? ', and an int8 graph is made of weights under 2 GiB' : ''}: choose a smaller model or another machine.`,
    {
      details: { bytes, needed, memoryBytes },
    },
  );
}
