import { AppError, counterRandom } from '@overture/core';
import { elementCount, encodeSafetensors, float32, parseSafetensors, sameShape, toFloat32, type Tensor } from '@overture/tensors';
import type { BertConfig } from './bert-config.ts';
import { bertParameters } from './bert-parameters.ts';
import type { NamedShape } from './parameter-block.ts';

/** float32 tensors by Hugging Face name (`bert.…`, `classifier.…`), complete for a configuration. */
export type Weights = ReadonlyMap<string, Tensor>;

export interface LoadWeightsOptions {
  /** The file's name, for messages. */
  readonly where: string;
  /** Seed of the head's first values when the file has no head. */
  readonly seed: number;
}

const headDeviation = 0.02; // initializer_range of BERT
// What other tasks leave in a file, and buffers that are not weights.
const ignorable = /^(pooler\.|cls\.|qa_outputs\.|embeddings\.position_ids$)/;

/**
 * The weights of encoder and head out of a pretrained file, whose names may have or lack the prefix `bert.`; float16 and
 * bfloat16 are widened. A file without a head gets a seeded one.
 * @throws AppError `WEIGHTS_MISMATCH` with everything missing, misshapen, of another type or left over
 */
export function loadClassifierWeights(tensors: ReadonlyMap<string, Tensor>, config: BertConfig, options: LoadWeightsOptions): Weights {
  const found = new Map([...tensors].map(([name, tensor]) => [name.replace(/^bert\./, ''), tensor]));
  const problems: string[] = [];
  const weights = new Map<string, Tensor>();
  const hasHead = found.has('classifier.weight');
  for (const part of bertParameters(config).flatMap((block) => block.parts)) {
    const key = part.name.replace(/^bert\./, '');
    const tensor = found.get(key);
    found.delete(key);
    if (tensor === undefined && !hasHead && key.startsWith('classifier.')) weights.set(part.name, initialHead(part, options.seed));
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

/** As `loadClassifierWeights`, from the bytes of a safetensors file. */
export function parseClassifierWeights(bytes: Uint8Array, config: BertConfig, options: LoadWeightsOptions): Weights {
  return loadClassifierWeights(parseSafetensors(bytes, options.where).tensors, config, options);
}

/** A safetensors file that transformers opens as `BertForSequenceClassification`. */
export function encodeClassifierWeights(weights: Weights): Uint8Array {
  return encodeSafetensors(weights, { format: 'pt' });
}

/** The head's first values: normal with deviation 0.02 from the seed; a bias starts at 0. */
function initialHead(part: NamedShape, seed: number): Tensor {
  const random = counterRandom(seed, 'head', part.name);
  const normal = Float32Array.from({ length: elementCount(part.shape) }, (_, i) => random.normal(i) * headDeviation);
  return float32(part.shape, part.name.endsWith('.bias') ? undefined : normal);
}
