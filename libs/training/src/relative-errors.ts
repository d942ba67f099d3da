import type { Tensor } from '@overture/tensors';

/**
 * ‖ours − reference‖ / ‖reference‖ by tensor. A gradient that is zero in exact arithmetic has no relative
 * error (a key bias, for example: softmax is invariant to it). Its difference is divided by a thousandth of
 * the norm over all tensors instead. A missing tensor has the error Infinity.
 */
export function relativeErrors(
  ours: ReadonlyMap<string, Tensor>,
  reference: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, number> {
  const total = Math.hypot(...[...reference.values()].map(({ data }) => norm(data as Float32Array)));
  return new Map(
    [...reference].map(([name, tensor]) => {
      const [wanted, got] = [tensor.data as Float32Array, ours.get(name)?.data as Float32Array | undefined];
      if (got?.length !== wanted.length) return [name, Infinity];
      const size = norm(wanted);
      return [name, norm(wanted.map((x, i) => x - got[i])) / (size < 1e-9 * total ? 1e-3 * total : size)];
    }),
  );
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
}
