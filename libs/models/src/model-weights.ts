import { AppError, counterRandom } from '@overture/core';
import { elementCount, encodeSafetensors, float32, isGguf, parseSafetensors, sameShape, toFloat32, type Tensor } from '@overture/tensors';
import { ggufWeights } from './gguf/gguf-weights.ts';
import type { Model } from './model.ts';
import type { NamedShape, ParameterBlock } from './parameter-block.ts';

/** float32 tensors by Hugging Face name (`bert.…`, `classifier.…`), complete for a model. */
export type Weights = ReadonlyMap<string, Tensor>;

export interface LoadWeightsOptions {
  /** The file's name, for messages. */
  readonly where: string;
  /** Seed of the head's first values when the file has no head. */
  readonly seed: number;
}

const headDeviation = 0.02; // initializer_range of BERT and of Llama

/**
 * The weights of network and head out of a pretrained file, whose names may have or lack the family's prefix; float16 and
 * bfloat16 are widened. A file without a head gets a seeded one.
 * @throws AppError `WEIGHTS_MISMATCH` with everything missing, misshapen, of another type or left over
 */
export function loadWeights(tensors: ReadonlyMap<string, Tensor>, model: Model, options: LoadWeightsOptions): Weights {
  const { prefix, ignorable } = model.network;
  const bare = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const found = new Map([...tensors].map(([name, tensor]) => [bare(name), tensor]));
  const problems: string[] = [];
  const weights = new Map<string, Tensor>();
  const blocks = [...model.parameters, ...model.frozen];
  const hasHead = blocks.some(({ head, parts }) => head && parts.some(({ name }) => found.has(bare(name))));
  for (const { part, head } of blocks.flatMap((block) => block.parts.map((part) => ({ part, head: block.head })))) {
    const key = bare(part.name);
    const tensor = found.get(key);
    found.delete(key);
    if (tensor === undefined && head && !hasHead) weights.set(part.name, initialHead(part, options.seed));
    else if (tensor === undefined) problems.push(`${key} [${part.shape.join(', ')}] is missing.`);
    else if (!sameShape(tensor.shape, part.shape)) problems.push(`${key} must have shape [${part.shape.join(', ')}]. Got [${tensor.shape.join(', ')}] instead.`);
    else if (!['float32', 'float16', 'bfloat16'].includes(tensor.dtype)) problems.push(`${key} must be float32, float16 or bfloat16. Got ${tensor.dtype} instead.`);
    else weights.set(part.name, float32(part.shape, toFloat32(tensor)));
  }
  for (const name of found.keys()) if (!ignorable.test(name)) problems.push(`${name} belongs to no part of the network.`);
  if (problems.length === 0) return weights;
  const shown = problems.length > 12 ? [...problems.slice(0, 12), `… and ${problems.length - 12} more.`] : problems;
  throw new AppError('WEIGHTS_MISMATCH', `${options.where} does not fit its config.json: ${shown.join(' ')} Use the weights and the config of one model.`, {
    details: { where: options.where, problems },
  });
}

/** As `loadWeights`, from the bytes of a safetensors or GGUF file. */
export function parseWeights(bytes: Uint8Array, model: Model, options: LoadWeightsOptions): Weights {
  return loadWeights(isGguf(bytes) ? ggufWeights(bytes, options.where) : parseSafetensors(bytes, options.where).tensors, model, options);
}

/** A safetensors file that transformers opens under the model's `architectures`. */
export function encodeWeights(weights: Weights): Uint8Array {
  return encodeSafetensors(weights, { format: 'pt' });
}

/** A block's value: its parts, stacked; of a single part the tensor itself, not a copy. */
export function blockTensor(block: ParameterBlock, weights: Weights): Tensor {
  const parts = block.parts.map(({ name }) => weights.get(name)!.data as Float32Array);
  if (parts.length === 1) return float32(block.shape, parts[0]);
  const stacked = float32(block.shape);
  let at = 0;
  for (const part of parts) {
    (stacked.data as Float32Array).set(part, at);
    at += part.length;
  }
  return stacked;
}

/** The head's first values: normal with deviation 0.02 from the seed; a bias starts at 0. */
function initialHead(part: NamedShape, seed: number): Tensor {
  const random = counterRandom(seed, 'head', part.name);
  const normal = Float32Array.from({ length: elementCount(part.shape) }, (_, i) => random.normal(i) * headDeviation);
  return float32(part.shape, part.name.endsWith('.bias') ? undefined : normal);
}
