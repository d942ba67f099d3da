import { counterRandom } from '@overture/core';
import { elementCount, float32, type Tensor } from '@overture/tensors';
import type { NamedShape } from '../parameter-block.ts';

/**
 * Draws normal weights; norms start as the identity, biases at 0 (Devlin et al. 2019). A parameter's values
 * depend only on the seed and its name.
 */
export function randomWeights(
  parts: readonly NamedShape[],
  { seed, deviation }: { readonly seed: number; readonly deviation: number },
): Map<string, Tensor> {
  return new Map(
    parts.map(({ name, shape }) => [
      name,
      float32(shape, initialValues(name, elementCount(shape), { seed, deviation })),
    ]),
  );
}

function initialValues(
  name: string,
  count: number,
  { seed, deviation }: { readonly seed: number; readonly deviation: number },
): Float32Array {
  if (name.endsWith('.bias')) return new Float32Array(count);
  if (/norm\.weight$/i.test(name)) return new Float32Array(count).fill(1);
  const random = counterRandom(seed, 'tiny', name);
  return Float32Array.from({ length: count }, (_, i) => random.normal(i) * deviation);
}
