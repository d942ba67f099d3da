import { AppError, counterRandom } from '@overture/core';
import {
  elementCount,
  encodeSafetensors,
  float32,
  isGguf,
  parseSafetensors,
  toFloat32,
  type Tensor,
} from '@overture/tensors';
import { ggufWeights } from './gguf/gguf-weights.ts';
import type { Model } from './model.ts';
import type { BlockStart, NamedShape, ParameterBlock } from './parameter-block.ts';
import { matchTensors, type TensorMatch } from './weights/match-tensors.ts';
import { openWeights } from './weights/weight-source.ts';

/** float32 tensors by Hugging Face name (`bert.…`, `classifier.…`), complete for a model. */
export type Weights = ReadonlyMap<string, Tensor>;

/** Options for loading weights. */
export interface LoadWeightsOptions {
  /** The file's name, for messages. */
  readonly where: string;
  /** Seed for parameters that the file lacks: a head or adapters. */
  readonly seed: number;
}

const headDeviation = 0.02; // initializer_range of BERT and of Llama

/**
 * Selects the weights of a model from a pretrained file's tensors, whatever names the file uses (see
 * `matchTensors`). float16 and bfloat16 are converted to float32. A missing head, the head of another task,
 * and missing adapters are initialized from the seed.
 * @throws AppError `WEIGHTS_MISMATCH` with all missing and unexpected tensors and those of a wrong shape or
 * type
 */
export function loadWeights(
  tensors: ReadonlyMap<string, Tensor>,
  model: Model,
  options: LoadWeightsOptions,
): Weights {
  return fromMemory({ tensors }, model, options);
}

/**
 * Same as `loadWeights`, from the bytes of a safetensors or GGUF file.
 * @throws AppError `WEIGHTS_MISMATCH`, `SAFETENSORS_INVALID`, `GGUF_…`
 */
export function parseWeights(bytes: Uint8Array, model: Model, options: LoadWeightsOptions): Weights {
  if (isGguf(bytes))
    return fromMemory({ tensors: ggufWeights(bytes, options.where), exact: true }, model, options);
  return fromMemory(parseSafetensors(bytes, options.where), model, options);
}

/**
 * Same as `loadWeights`, from a file of any size, a set of shards, or a GGUF file (see `openWeights`).
 * Tensors are read one at a time.
 * @throws AppError `WEIGHTS_MISMATCH`, and the errors of `openWeights`
 */
export async function readWeights(path: string, model: Model, options: LoadWeightsOptions): Promise<Weights> {
  await using source = await openWeights(path);
  const match = matchTensors({ ...source, exact: source.format === 'gguf' }, model);
  assertFits(match, options);
  const weights = new Map<string, Tensor>();
  for (const { part, start } of partsOf(model)) {
    const name = match.sources.get(part.name);
    weights.set(
      part.name,
      name === undefined
        ? initialValue(part, start!, options.seed)
        : float32(part.shape, toFloat32(await source.read(name))),
    );
  }
  return weights;
}

function fromMemory(
  { tensors, exact }: { readonly tensors: ReadonlyMap<string, Tensor>; readonly exact?: boolean },
  model: Model,
  options: LoadWeightsOptions,
): Weights {
  const entries = new Map(
    Array.from(tensors, ([name, { shape, dtype, data }]) => [
      name,
      {
        shape,
        encoding: dtype,
        float: dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16',
        bytes: data.byteLength,
      },
    ]),
  );
  const match = matchTensors({ entries, exact }, model);
  assertFits(match, options);
  return new Map(
    partsOf(model).map(({ part, start }) => {
      const name = match.sources.get(part.name);
      return [
        part.name,
        name === undefined
          ? initialValue(part, start!, options.seed)
          : float32(part.shape, toFloat32(tensors.get(name)!)),
      ];
    }),
  );
}

function partsOf(model: Model): { readonly part: NamedShape; readonly start?: BlockStart }[] {
  return [...model.parameters, ...model.frozen].flatMap(({ parts, start }) =>
    parts.map((part) => ({ part, start })),
  );
}

/**
 * Throws if a match has problems.
 * @throws AppError `WEIGHTS_MISMATCH`
 */
export function assertFits(
  { problems }: Pick<TensorMatch, 'problems'>,
  { where }: Pick<LoadWeightsOptions, 'where'>,
): void {
  if (problems.length === 0) return;
  const shown =
    problems.length > 12 ? [...problems.slice(0, 12), `… and ${problems.length - 12} more.`] : problems;
  throw new AppError(
    'WEIGHTS_MISMATCH',
    `${where} does not fit its config.json: ${shown.join(' ')} Use the weights and the config of one model.`,
    {
      details: { where, problems: [...problems] },
    },
  );
}

/** Encodes weights as a safetensors file that transformers opens with the model's `architectures`. */
export function encodeWeights(weights: Weights): Uint8Array {
  return encodeSafetensors(weights, { format: 'pt' });
}

/** A block's value: its parts stacked along axis 0. A single part shares the tensor's memory. */
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

/** Initial values of a parameter that a pretrained file lacks. */
function initialValue({ name, shape }: NamedShape, start: BlockStart, seed: number): Tensor {
  if (start === 'zero') return float32(shape);
  const random = counterRandom(seed, 'head', name);
  const bound = 1 / Math.sqrt(shape[1]);
  const draw =
    start === 'normal'
      ? (i: number): number => random.normal(i) * headDeviation
      : (i: number): number => (2 * random.uniform(i) - 1) * bound;
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => draw(i)),
  );
}
