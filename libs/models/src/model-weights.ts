import { AppError, counterRandom } from '@overture/core';
import { elementCount, encodeSafetensors, float32, isGguf, parseSafetensors, toFloat32, type Tensor } from '@overture/tensors';
import { ggufWeights } from './gguf/gguf-weights.ts';
import type { Model } from './model.ts';
import type { BlockStart, NamedShape, ParameterBlock } from './parameter-block.ts';
import { matchTensors, type TensorMatch } from './weights/match-tensors.ts';
import { openWeights } from './weights/weight-source.ts';

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
 * The weights of network and head out of a pretrained file's tensors, under whatever names the file has them (see `matchTensors`); float16 and
 * bfloat16 are widened. A file without a head, with another task's head, or without adapters, gets seeded ones.
 * @throws AppError `WEIGHTS_MISMATCH` with everything missing, misshapen, of another type or left over
 */
export function loadWeights(tensors: ReadonlyMap<string, Tensor>, model: Model, options: LoadWeightsOptions): Weights {
  return fromMemory({ tensors }, model, options);
}

/** As `loadWeights`, from the bytes of a safetensors or GGUF file. */
export function parseWeights(bytes: Uint8Array, model: Model, options: LoadWeightsOptions): Weights {
  if (isGguf(bytes)) return fromMemory({ tensors: ggufWeights(bytes, options.where), exact: true }, model, options);
  return fromMemory(parseSafetensors(bytes, options.where), model, options);
}

/** As `loadWeights`, from a file of any size, a set of shards or a GGUF file (see `openWeights`); one tensor is read at a time. */
export async function readWeights(path: string, model: Model, options: LoadWeightsOptions): Promise<Weights> {
  await using source = await openWeights(path);
  const match = matchTensors({ ...source, exact: source.format === 'gguf' }, model);
  assertFits(match, options);
  const weights = new Map<string, Tensor>();
  for (const { part, start } of partsOf(model)) {
    const name = match.sources.get(part.name);
    weights.set(part.name, name === undefined ? initialValue(part, start!, options.seed) : float32(part.shape, toFloat32(await source.read(name))));
  }
  return weights;
}

function fromMemory({ tensors, exact }: { readonly tensors: ReadonlyMap<string, Tensor>; readonly exact?: boolean }, model: Model, options: LoadWeightsOptions): Weights {
  const entries = new Map(Array.from(tensors, ([name, { shape, dtype, data }]) => [name, { shape, encoding: dtype, float: dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16', bytes: data.byteLength }]));
  const match = matchTensors({ entries, exact }, model);
  assertFits(match, options);
  return new Map(
    partsOf(model).map(({ part, start }) => {
      const name = match.sources.get(part.name);
      return [part.name, name === undefined ? initialValue(part, start!, options.seed) : float32(part.shape, toFloat32(tensors.get(name)!))];
    }),
  );
}

function partsOf(model: Model): { readonly part: NamedShape; readonly start?: BlockStart }[] {
  return [...model.parameters, ...model.frozen].flatMap(({ parts, start }) => parts.map((part) => ({ part, start })));
}

/** @throws AppError `WEIGHTS_MISMATCH` */
export function assertFits({ problems }: Pick<TensorMatch, 'problems'>, { where }: Pick<LoadWeightsOptions, 'where'>): void {
  if (problems.length === 0) return;
  const shown = problems.length > 12 ? [...problems.slice(0, 12), `… and ${problems.length - 12} more.`] : problems;
  throw new AppError('WEIGHTS_MISMATCH', `${where} does not fit its config.json: ${shown.join(' ')} Use the weights and the config of one model.`, {
    details: { where, problems: [...problems] },
  });
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
