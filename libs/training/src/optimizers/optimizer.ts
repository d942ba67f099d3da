import type { OptimizerName } from '@overture/training-settings';
import type { FlatParameters, PlacedBlock } from '../flat-parameters.ts';
import { bytesOf, vectorKernels } from '../kernels/vector-kernels.ts';
import { optimizerTable } from './optimizer-table.ts';

/** Options of `openOptimizer`. */
export interface OptimizerOptions {
  /** Default `adamW`. The parameters must have its number of moments. */
  readonly optimizer?: OptimizerName;
  /** Not applied to blocks with `decay: false` (biases and norms). */
  readonly weightDecay: number;
  /** Global gradient norm above which gradients are scaled down; Infinity: never. */
  readonly maxGradNorm: number;
  /** Momentum of `sgd`. Default 0.9. */
  readonly momentum?: number;
  /** Factor of a block's learning rate. Default: 1 for all. */
  readonly rateOf?: (block: PlacedBlock) => number;
}

/** An optimizer over flat parameters, with gradient clipping as in torch.nn.utils.clip_grad_norm_. */
export interface Optimizer {
  /** ‖gradient‖₂ over all parameters, in float64. */
  gradientNorm(): number;
  /** Updates the parameters in place from the gradients in the buffers. `step` counts from 1. */
  update(step: number, learningRate: number, gradientNorm: number): void;
}

/** Adjacent blocks with the same settings, updated in one loop. */
interface Range {
  readonly offset: number;
  readonly length: number;
  readonly decay: boolean;
  readonly rate: number;
}

/**
 * Opens an optimizer over flat parameters.
 * @throws RangeError if the parameters have a different number of moments than the optimizer needs
 */
export function openOptimizer(parameters: FlatParameters, options: OptimizerOptions): Optimizer {
  const { sumOfSquares } = vectorKernels(parameters.loops);
  const { optimizer = 'adamW', weightDecay, maxGradNorm, momentum = 0.9, rateOf = () => 1 } = options;
  const { kernel, factors, moments } = optimizerTable[optimizer];
  if (parameters.moments.length !== moments)
    throw new RangeError(
      `${optimizer} keeps ${moments} moments. Got parameters with ${parameters.moments.length}.`,
    );
  const { [kernel.name]: run } = parameters.loops.compile([kernel]);
  const ranges = rangesOf(parameters, rateOf);
  return {
    gradientNorm: () => Math.sqrt(sumOfSquares(parameters.gradients.byteOffset, parameters.length)),
    update(step, learningRate, gradientNorm) {
      const gradientScale = Math.min(1, maxGradNorm / (gradientNorm + 1e-6)); // 1e-6 as in clip_grad_norm_
      for (const { offset, length, decay, rate } of ranges) {
        const addresses = [parameters.values, parameters.gradients, ...parameters.moments].map(
          ({ byteOffset }) => byteOffset + 4 * offset,
        );
        const numbers = {
          step,
          learningRate: learningRate * rate,
          weightDecay: decay ? weightDecay : 0,
          gradientScale,
          momentum,
        };
        run(...addresses, addresses[0] + bytesOf(length), ...factors(numbers));
      }
    },
  };
}

function rangesOf({ blocks, length }: FlatParameters, rateOf: (block: PlacedBlock) => number): Range[] {
  const ranges: { offset: number; length: number; decay: boolean; rate: number }[] = [];
  blocks.forEach((block, i) => {
    const end = blocks[i + 1]?.offset ?? length;
    const [last, rate] = [ranges.at(-1), rateOf(block)];
    if (last !== undefined && last.decay === block.decay && last.rate === rate)
      last.length = end - last.offset;
    else ranges.push({ offset: block.offset, length: end - block.offset, decay: block.decay, rate });
  });
  return ranges;
}
