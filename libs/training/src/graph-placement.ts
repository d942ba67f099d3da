import type { DropoutRates, PackedOptions } from '@overture/models';
import type { Runtime } from '@overture/runtime';
import type { Tensor } from '@overture/tensors';
import type { FlatParameters } from './flat-parameters.ts';

/** What of a training's graphs depends on where they run. Same numbers either way, up to the order of addition. */
export interface GraphPlacement {
  /** Frozen blocks that are constants of the graph. Default: all of them are fed. */
  readonly constants?: ReadonlyMap<string, Tensor>;
  /** Default: sequence by sequence. */
  readonly attention?: PackedOptions['attention'];
}

const onnxLimit = 2 ** 31 - 2 ** 24; // bytes of constants in a file, see encodeOnnx

/**
 * On a processor everything is read in place, and attention that goes sequence by sequence computes no padding. A device is given what never
 * changes once, and few large operators; where the frozen blocks are too large for one file, they are fed.
 */
export function placementOn({ separateMemory }: Pick<Runtime, 'separateMemory'>, parameters: FlatParameters, dropout?: DropoutRates): GraphPlacement {
  if (!separateMemory) return {};
  const constants = parameters.frozenTensors();
  const bytes = [...constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  return { constants: bytes > onnxLimit ? undefined : constants, attention: dropout?.attention ? 'each' : 'together' };
}

/** Sequences that are scored in one run: more than a few do not fit into a processor's cache. */
export function scoredPerRun({ separateMemory }: Pick<Runtime, 'separateMemory'>): number {
  return separateMemory ? 64 : 8;
}
