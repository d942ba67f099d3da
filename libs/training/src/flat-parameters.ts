import { AppError } from '@overture/core';
import { blockTensor, type Model, type ParameterBlock, type Weights } from '@overture/models';
import { elementCount, float32, type Tensor } from '@overture/tensors';
import { vectorKernels, type VectorKernels } from './kernels/vector-kernels.ts';
import { VectorLoops } from './kernels/vector-loops.ts';

/** A parameter block and its position in the flat buffers, in elements. */
export interface PlacedBlock extends ParameterBlock {
  readonly offset: number;
  readonly length: number;
}

const alignment = 16; // elements: one cache line, and a whole number of vectors for the kernels
const page = 65_536;

/**
 * All trainable parameters as one float32 buffer, with buffers of the same size for the gradients, the
 * optimizer's moments (two for AdamW) and, on request, the average.
 * All buffers are ranges of one shared WebAssembly memory, so that vector loops and other threads access them
 * without a copy. Frozen parameters are stored separately. Blocks are aligned to cache lines; the gaps stay
 * zero.
 */
export class FlatParameters {
  readonly memory: WebAssembly.Memory;
  /** Vector loops over the memory. */
  readonly loops: VectorLoops;
  readonly blocks: readonly PlacedBlock[];
  /** Elements of each range, including gaps; a multiple of 16. */
  readonly length: number;
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly moments: readonly Float32Array[];
  /** Exponential moving average of the values; undefined unless requested. */
  readonly average: Float32Array | undefined;
  readonly #frozenBlocks: readonly ParameterBlock[];
  readonly #frozen = new Map<string, Tensor>();
  readonly #spares = new WeakSet<Float32Array>();
  readonly #add: VectorKernels['add'];
  /** The frozen tensors by the names of the blocks' parts. */
  readonly #frozenWeights = new Map<string, Tensor>();

  /**
   * @param moments number of buffers that the optimizer needs, each as large as the parameters. Default 2
   * @param options.average whether to keep an average of the values. Default false
   * @param options.threads threads for vector loops; with more than one, call `close` at the end. Default 1
   * @throws AppError `TRAINING_MODEL_TOO_LARGE` if the buffers exceed 4 GiB
   */
  constructor(
    { parameters, frozen }: Pick<Model, 'parameters' | 'frozen'>,
    moments = 2,
    { average = false, threads = 1 }: { readonly average?: boolean; readonly threads?: number } = {},
  ) {
    let end = 0;
    this.#frozenBlocks = frozen;
    this.blocks = parameters.map((block) => {
      const placed = { ...block, offset: end, length: elementCount(block.shape) };
      end += Math.ceil(placed.length / alignment) * alignment;
      return placed;
    });
    this.length = end;
    const ranges = 2 + moments + Number(average);
    const pages = Math.max(1, Math.ceil((end * 4 * ranges) / page));
    if (pages > page) {
      throw new AppError(
        'TRAINING_MODEL_TOO_LARGE',
        `All parameters and their optimizer state must fit in 4 GiB, ${Math.floor(2 ** 30 / ranges / 1e6)} million parameters. Got ${end} parameters. Choose a smaller base model.`,
      );
    }
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: page, shared: true });
    this.loops = new VectorLoops(this.memory, threads);
    this.#add = vectorKernels(this.loops).add;
    const range = (index: number): Float32Array => new Float32Array(this.memory.buffer, index * end * 4, end);
    [this.values, this.gradients] = [range(0), range(1)];
    this.moments = Array.from({ length: moments }, (_, i) => range(2 + i));
    this.average = average ? range(2 + moments) : undefined;
  }

  /** All parameters as graph inputs, by block: views of the trained ones, and the frozen ones. */
  feeds(): Record<string, Tensor> {
    return Object.fromEntries([
      ...this.blocks.map((block) => [block.name, this.value(block)] as const),
      ...this.#frozen,
    ]);
  }

  /** The parameters to validate and export: the average if there is one, otherwise the values. */
  get evalParameters(): Float32Array {
    return this.average ?? this.values;
  }

  /** Like `feeds`, with the parameters to validate. */
  evalFeeds(): Record<string, Tensor> {
    const views = this.blocks.map(
      (block) =>
        [
          block.name,
          float32(block.shape, this.evalParameters.subarray(block.offset, block.offset + block.length)),
        ] as const,
    );
    return Object.fromEntries([...views, ...this.#frozen]);
  }

  /**
   * Allocates another zeroed range of at least `least` elements: in the memory if it can grow, otherwise in a
   * separate buffer.
   */
  spare(least: number): Float32Array {
    const elements = Math.ceil(least / alignment) * alignment;
    const start = this.memory.buffer.byteLength;
    const pages = Math.ceil((4 * elements) / page);
    if (start / page + pages > page) return new Float32Array(new SharedArrayBuffer(4 * elements));
    this.memory.grow(pages);
    const range = new Float32Array(this.memory.buffer, start, elements);
    this.#spares.add(range);
    return range;
  }

  /**
   * Adds to the gradients, beginning at their first element.
   * @param part from `spare`
   */
  addToGradients(part: Float32Array): void {
    if (this.#spares.has(part)) this.#add(this.gradients.byteOffset, part.byteOffset, part.length);
    else for (let i = 0; i < part.length; i++) this.gradients[i] += part[i];
  }

  /** The values of a block: a view, [...block.shape]. */
  value(block: PlacedBlock): Tensor {
    return float32(block.shape, this.values.subarray(block.offset, block.offset + block.length));
  }

  /** The gradient of a block: a view, [...block.shape]. */
  gradient(block: PlacedBlock): Tensor {
    return float32(block.shape, this.gradients.subarray(block.offset, block.offset + block.length));
  }

  /**
   * Copies weights in, by the names of the blocks' parts.
   * @throws AppError `WEIGHTS_MISMATCH`
   */
  load(weights: Weights): void {
    this.#eachPart((name, shape, from, to) => {
      const tensor = weights.get(name);
      if (tensor === undefined || tensor.data.length !== to - from) {
        const came = tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`;
        throw new AppError(
          'WEIGHTS_MISMATCH',
          `The weights must hold ${name} [${shape.join(', ')}]. Got ${came} instead.`,
          { details: { name } },
        );
      }
      this.values.set(tensor.data as Float32Array, from);
    });
    this.average?.set(this.values);
    for (const block of this.#frozenBlocks) {
      const tensor = inSharedMemory(blockTensor(block, weights));
      this.#frozen.set(block.name, tensor);
      let from = 0;
      for (const { name, shape } of block.parts)
        this.#frozenWeights.set(
          name,
          float32(shape, (tensor.data as Float32Array).subarray(from, (from += elementCount(shape)))),
        );
    }
  }

  /** The frozen tensors by block. */
  frozenTensors(): ReadonlyMap<string, Tensor> {
    return this.#frozen;
  }

  /** The frozen matrices of linear layers above the lowest `frozenLayers`, by block. */
  frozenMatrices(frozenLayers = 0): ReadonlyMap<string, Tensor> {
    const matrices = this.#frozenBlocks.filter(
      ({ table, shape, depth }) => !table && shape.length === 2 && depth > frozenLayers,
    );
    return new Map(matrices.map(({ name }) => [name, this.#frozen.get(name)!]));
  }

  /**
   * All weights by the names of the blocks' parts: copies of the parameters to export, and views of the
   * frozen ones.
   */
  toWeights(): Weights {
    const weights = new Map(this.#frozenWeights);
    this.#eachPart((name, shape, from, to) =>
      weights.set(name, float32(shape, this.evalParameters.slice(from, to))),
    );
    return weights;
  }

  /** Copies of all gradients by the names of the blocks' parts. */
  toGradients(): Weights {
    const gradients = new Map<string, Tensor>();
    this.#eachPart((name, shape, from, to) =>
      gradients.set(name, float32(shape, this.gradients.slice(from, to))),
    );
    return gradients;
  }

  /** Ends the thread for vector loops. */
  close(): Promise<void> {
    return this.loops.close();
  }

  #eachPart(visit: (name: string, shape: readonly number[], from: number, to: number) => void): void {
    for (const block of this.blocks) {
      let from = block.offset;
      for (const { name, shape } of block.parts) {
        visit(name, shape, from, from + elementCount(shape));
        from += elementCount(shape);
      }
    }
  }
}

function inSharedMemory({ shape, data }: Tensor): Tensor {
  const shared = new Float32Array(new SharedArrayBuffer(data.byteLength));
  shared.set(data as Float32Array);
  return float32(shape, shared);
}
