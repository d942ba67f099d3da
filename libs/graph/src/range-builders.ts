import { normalAxis } from './dims.ts';
import { listLike } from './elementwise-op.ts';
import type { Value } from './value.ts';
import { shapeOf } from './ops/shape.ts';
import { refuse } from './refuse.ts';

/**
 * Concatenates values along an axis; all other axes must be equal.
 * @throws AppError `GRAPH_TYPE_MISMATCH`
 */
export function concat(values: readonly Value[], axis: number): Value {
  if (values.length === 0) refuse('Concat', 'must get at least one value. Got none instead.');
  if (values.length === 1) return values[0];
  return values[0].builder.apply('Concat', values, { axis: normalAxis(axis, values[0].shape.length) })[0];
}

/** End of a slice that includes the rest of the axis. */
export const toTheEnd: number = Number.MAX_SAFE_INTEGER;

/** Elements from `start` to before `end` along one axis. Negative positions count from the back. */
export function slice(x: Value, axis: number, start: number, end: number = toTheEnd): Value {
  return x.builder.apply('Slice', [
    x,
    listLike(x, [start]),
    listLike(x, [end]),
    listLike(x, [normalAxis(axis, x.shape.length)]),
  ])[0];
}

/**
 * The first elements along an axis, as many as `like` has along its axis: for example the positions that a
 * batch uses.
 */
export function sliceLike(x: Value, axis: number, like: Value, likeAxis: number): Value {
  const end = slice(shapeOf(like), 0, likeAxis, likeAxis + 1);
  return x.builder.apply('Slice', [
    x,
    listLike(x, [0]),
    end,
    listLike(x, [normalAxis(axis, x.shape.length)]),
  ])[0];
}
