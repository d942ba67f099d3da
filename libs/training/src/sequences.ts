import { packBatch, packStates, type Pooling } from '@overture/models';
import type { Tensor } from '@overture/tensors';

/** Texts for a packed run. */
export interface Sequences {
  /** Token ids, one list per sequence. */
  readonly sequences: readonly ArrayLike<number>[];
  /** For a model `aboveDepth`: what each sequence is after the layers below, float32 [length, hidden]. */
  readonly states?: readonly Float32Array[];
}

/** The feeds of a packed graph with room for `count` sequences. */
export function sequenceFeeds({ sequences, states }: Sequences, count: number, pooling: Pooling): Record<string, Tensor> {
  const feeds = packBatch(sequences, count, pooling);
  return states === undefined ? feeds : { ...feeds, ...packStates(states, count, states[0].length / sequences[0].length) };
}

/** Some of them, in the order of `places`. */
export function chosenOf({ sequences, states }: Sequences, places: readonly number[]): Sequences {
  return { sequences: places.map((i) => sequences[i]), states: states && places.map((i) => states[i]) };
}
