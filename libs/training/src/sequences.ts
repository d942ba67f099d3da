import { packBatch, packStates, type Pooling } from '@overture/models';
import type { Tensor } from '@overture/tensors';

/** Texts for a packed run. */
export interface Sequences {
  /** Token ids, one list per sequence. */
  readonly sequences: readonly ArrayLike<number>[];
  /** Token ids that all of them follow, where a graph has them once; see `PackedOptions`. */
  readonly beginning?: ArrayLike<number>;
  /** For a model `aboveDepth`: what each sequence is after the layers below, float32 [length, hidden]. */
  readonly states?: readonly Float32Array[];
  /** For a model with dropout: the step, and the place of each sequence in the step's batch. Default: in this order. */
  readonly step?: number;
  readonly places?: readonly number[];
}

/** The feeds of a packed graph with room for `count` sequences. */
export function sequenceFeeds({ sequences, beginning, states }: Sequences, count: number, pooling: Pooling): Record<string, Tensor> {
  const feeds = packBatch(sequences, count, pooling, beginning);
  return states === undefined ? feeds : { ...feeds, ...packStates(states, count, states[0].length / sequences[0].length) };
}

/** Some of them, in the order in which they are chosen. */
export function chosenOf({ sequences, beginning, states, step, places }: Sequences, chosen: readonly number[]): Sequences {
  return { sequences: chosen.map((i) => sequences[i]), beginning, states: states && chosen.map((i) => states[i]), step, places: places === undefined ? chosen : chosen.map((i) => places[i]) };
}
