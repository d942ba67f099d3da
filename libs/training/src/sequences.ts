import { packBatch, packStates, type Pooling } from '@overture/models';
import type { Tensor } from '@overture/tensors';

/** Token sequences for a packed run. */
export interface Sequences {
  /** Token ids, one list per sequence. */
  readonly sequences: readonly ArrayLike<number>[];
  /** Common prefix of all sequences, if the graph computes it once; see `PackedOptions`. */
  readonly beginning?: ArrayLike<number>;
  /**
   * For a model from `aboveDepth`: the outputs of the layers below for each sequence, float32 [length,
   * hidden].
   */
  readonly states?: readonly Float32Array[];
  /**
   * For a model with dropout: the step, and each sequence's position in the step's batch. Default: their
   * order here.
   */
  readonly step?: number;
  readonly places?: readonly number[];
}

/** The inputs of a packed graph for `count` sequences. */
export function sequenceFeeds(
  { sequences, beginning, states }: Sequences,
  count: number,
  pooling: Pooling,
): Record<string, Tensor> {
  const feeds = packBatch(sequences, count, pooling, beginning);
  return states === undefined
    ? feeds
    : { ...feeds, ...packStates(states, count, states[0].length / sequences[0].length) };
}

/** Selects sequences, in the given order. */
export function chosenOf(
  { sequences, beginning, states, step, places }: Sequences,
  chosen: readonly number[],
): Sequences {
  return {
    sequences: chosen.map((i) => sequences[i]),
    beginning,
    states: states && chosen.map((i) => states[i]),
    step,
    places: places === undefined ? chosen : chosen.map((i) => places[i]),
  };
}
