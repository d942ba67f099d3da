import { cast, greater, mul, sliceLike, transpose, type GraphBuilder, type Value } from '@overture/graph';
import { float32 } from '@overture/tensors';

/** Added to the scores of keys that must not be seen: e^-1e9 = 0. */
export const hiddenScore = -1e9;

/** float32 [1, n]: 0, 1, 2, … for as many places as `like` has along its axis 1. */
export function placesLike(builder: GraphBuilder, positions: number, like: Value): Value {
  const all = float32([1, positions], Float32Array.from({ length: positions }, (_, i) => i));
  return sliceLike(builder.constant(all, 'places'), 1, like, 1);
}

/** Hides from every query the keys after it, by their places: keys [1, m] and queries [n, 1] to [n, m]. Default: the queries are where the keys are. */
export function laterKeys(keys: Value, queries: Value = transpose(keys, [1, 0])): Value {
  return mul(cast(greater(keys, queries), 'float32'), hiddenScore);
}
