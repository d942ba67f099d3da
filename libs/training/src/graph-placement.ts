import type { DropoutRates, PackedOptions } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import type { Tensor } from '@overture/tensors';
import type { FlatParameters } from './flat-parameters.ts';

/**
 * Graph options that depend on the execution provider. The results are the same up to the order of additions.
 */
export interface GraphPlacement {
  /** Frozen blocks that become constants of the graph. Default: none; all are inputs. */
  readonly constants?: ReadonlyMap<string, Tensor>;
  /** Default: attention is computed sequence by sequence. */
  readonly attention?: PackedOptions['attention'];
}

const onnxLimit = 2 ** 31 - 2 ** 24; // bytes of constants per file, see `encodeOnnx`

/**
 * Chooses the placement for a runtime. A CPU reads all tensors in place, and attention by sequence computes
 * no padding. A device receives the frozen blocks once, as constants, and runs few large operators. Frozen
 * blocks that are too large for one ONNX file stay inputs.
 */
export function placementOn(
  { separateMemory }: Pick<Runtime, 'separateMemory'>,
  parameters: FlatParameters,
  dropout?: DropoutRates,
): GraphPlacement {
  if (!separateMemory) return {};
  const constants = parameters.frozenTensors();
  const bytes = [...constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  return {
    constants: bytes > onnxLimit ? undefined : constants,
    attention: dropout?.attention ? 'each' : 'together',
  };
}

/** Number of sequences per scoring run. On a CPU a few fill the cache. */
export function scoredPerRun({ separateMemory }: Pick<Runtime, 'separateMemory'>): number {
  return separateMemory ? 64 : 8;
}
