import { AppError, counterRandom } from '@overture/core';
import { elementCount, encodeSafetensors, float32, isGguf, parseSafetensors, sameShape, toFloat32, type Tensor } from '@overture/tensors';
import { ggufWeights } from './gguf/gguf-weights.ts';
import type { Model } from './model.ts';
import type { BlockStart, NamedShape, ParameterBlock } from './parameter-block.ts';

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
 * bfloat16 are widened. A file without a head, or without adapters, gets seeded ones.
 * @throws AppError `WEIGHTS_MISMATCH` with everything missing, misshapen, of another type or left over
 */
export function loadWeights(tensors: ReadonlyMap<string, Tensor>, model: Model, options: LoadWeightsOptions): Weights {
  const { prefix, ignorable } = model.network;
  const bare = (name: string): string => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  const found = new Map([...tensors].map(([name, tensor]) => [bare(name), tensor]));
  const problems: string[] = [];
  const weights = new Map<string, Tensor>();
  const blocks = [...model.parameters, ...model.frozen];
  // a file has a head or none, adapters or none: half of them is a mistake
  const given = new Set(blocks.filter(({ start, parts }) => start !== undefined && parts.some(({ name }) => found.has(bare(name)))).map(({ head }) => head));
  for (const { part, block } of blocks.flatMap((each) => each.parts.map((part) => ({ part, block: each })))) {
    const key = bare(part.name);
    const tensor = found.get(key);
    found.delete(key);
    if (tensor === undefined && block.start !== undefined && !given.has(block.head)) weights.set(part.name, initialValue(part, block.start, options.seed));
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

/** The first values of what a pretrained file lacks, from the seed. */
function initialValue({ name, shape }: NamedShape, start: BlockStart, seed: number): Tensor {
  if (start === 'zero') return float32(shape);
  const random = counterRandom(seed, 'head', name);
  const bound = 1 / Math.sqrt(shape[1]);
  const draw = start === 'normal' ? (i: number): number => random.normal(i) * headDeviation : (i: number): number => (2 * random.uniform(i) - 1) * bound;
  return float32(shape, Float32Array.from({ length: elementCount(shape) }, (_, i) => draw(i)));
}
