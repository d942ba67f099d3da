import { listLike } from './elementwise-op.ts';
import type { Value } from './value.ts';

/** Removes these axes, which must have length 1. */
export function squeeze(x: Value, axes: readonly number[]): Value {
  return x.builder.apply('Squeeze', [x, listLike(x, axes)])[0];
}

/** Inserts axes of length 1 at these positions of the result. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  return x.builder.apply('Unsqueeze', [x, listLike(x, axes)])[0];
}
