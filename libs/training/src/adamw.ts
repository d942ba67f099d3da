import type { FlatParameters } from './flat-parameters.ts';
import { vectorKernels, type VectorKernels } from './vector-kernels.ts';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled; spares blocks with `decay: false` (biases and norms). */
  readonly weightDecay: number;
  /** The global gradient norm above which gradients are scaled down; Infinity: never. */
  readonly maxGradNorm: number;
  /** Learning rate of the head's blocks as a multiple of the others'. Default 1. */
  readonly headRate?: number;
}

/** The optimizer over flat parameters: torch.optim.AdamW after torch.nn.utils.clip_grad_norm_. */
export interface AdamW {
  /** ‖gradient‖₂ over all parameters, in float64. */
  gradientNorm(): number;
  /** One update in place, from the gradients in the buffers. `step` counts from 1. */
  update(step: number, learningRate: number, gradientNorm: number): void;
}

/** Neighbouring blocks that are treated alike, as one loop. */
interface Range {
  readonly offset: number;
  readonly length: number;
  readonly decay: boolean;
  readonly head: boolean;
}

export function adamW(parameters: FlatParameters, options: AdamWOptions): AdamW {
  const kernels = vectorKernels(parameters.memory);
  const ranges = rangesOf(parameters);
  return {
    gradientNorm: () => Math.sqrt(kernels.sumOfSquares(parameters.gradients.byteOffset, parameters.length)),
    update(step, learningRate, gradientNorm) {
      // 1e-6 as in clip_grad_norm_
      const gradientScale = Math.min(1, options.maxGradNorm / (gradientNorm + 1e-6));
      for (const range of ranges) {
        const rate = range.head ? learningRate * (options.headRate ?? 1) : learningRate;
        updateRange(kernels, parameters, range, { ...options, step, learningRate: rate, gradientScale });
      }
    },
  };
}

function updateRange(
  kernels: VectorKernels,
  parameters: FlatParameters,
  { offset, length, decay }: Range,
  at: AdamWOptions & { step: number; learningRate: number; gradientScale: number },
): void {
  const address = (range: Float32Array): number => range.byteOffset + offset * 4;
  kernels.adamW(
    {
      parameters: address(parameters.values),
      gradient: address(parameters.gradients),
      first: address(parameters.firstMoments),
      second: address(parameters.secondMoments),
    },
    length,
    {
      keep: 1 - at.learningRate * (decay ? at.weightDecay : 0),
      beta1: at.beta1,
      beta2: at.beta2,
      epsilon: at.epsilon,
      inverseCorrection2: 1 / Math.sqrt(1 - at.beta2 ** at.step),
      stepSize: at.learningRate / (1 - at.beta1 ** at.step),
      gradientScale: at.gradientScale,
    },
  );
}

function rangesOf({ blocks, length }: FlatParameters): Range[] {
  const ranges: { offset: number; length: number; decay: boolean; head: boolean }[] = [];
  blocks.forEach((block, i) => {
    const end = blocks[i + 1]?.offset ?? length;
    const last = ranges.at(-1);
    if (last !== undefined && last.decay === block.decay && last.head === block.head) last.length = end - last.offset;
    else ranges.push({ offset: block.offset, length: end - block.offset, decay: block.decay, head: block.head });
  });
  return ranges;
}
