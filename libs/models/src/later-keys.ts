import { cast, greater, mul, sliceLike, transpose, type GraphBuilder, type Value } from '@overture/graph';
import { float32 } from '@overture/tensors';

/** Added to the scores of masked keys; e^-1e9 = 0 in float32. */
export const hiddenScore = -1e9;

/** float32 [1, n]: 0, 1, 2, …, where n is the size of axis 1 of `like`. */
export function placesLike(builder: GraphBuilder, positions: number, like: Value): Value {
  const all = float32(
    [1, positions],
    Float32Array.from({ length: positions }, (_, i) => i),
  );
  return sliceLike(builder.constant(all, 'places'), 1, like, 1);
}

/**
 * Builds the causal mask, which hides keys after each query: keys' positions [1, m] and queries' positions
 * [n, 1] → [n, m]. Default: the queries have the positions of the keys.
 */
export function laterKeys(keys: Value, queries: Value = transpose(keys, [1, 0])): Value {
  return mul(cast(greater(keys, queries), 'float32'), hiddenScore);
}
