import { cast, greater, mul, sliceLike, transpose, type GraphBuilder, type Value } from '@overture/graph';
import { float32 } from '@overture/tensors';

/** Added to the scores of keys that must not be seen: e^-1e9 = 0. */
export const hiddenScore = -1e9;

/** float32 [1, n]: 0, 1, 2, … for as many places as `like` has along its axis 1. */
export function placesLike(builder: GraphBuilder, positions: number, like: Value): Value {
  const all = float32([1, positions], Float32Array.from({ length: positions }, (_, i) => i));
  return sliceLike(builder.constant(all, 'places'), 1, like, 1);
}

/** Hides from every query the keys after it: [1, n] places to [n, n]. */
export function laterKeys(places: Value): Value {
  return mul(cast(greater(places, transpose(places, [1, 0])), 'float32'), hiddenScore);
}
