import { float32 } from '@overture/tensors';
import type { Weights } from '../model-weights.ts';
import { adapterNames, type LoraModel } from './with-lora.ts';

/**
 * Merges adapters into the base model's weights: W + alpha / rank · B A. The product is summed in float64; W
 * and the result are float32.
 */
export function mergeLora({ base, layers, lora }: LoraModel, weights: Weights): Weights {
  const scale = lora.alpha / lora.rank;
  const merged = new Map(
    base.parameters
      .concat(base.frozen)
      .flatMap(({ parts }) => parts.map(({ name }) => [name, weights.get(name)!] as const)),
  );
  for (const { name, at, shape } of layers.flatMap(({ parts }) => parts)) {
    const [a, b] = [adapterNames.a(at), adapterNames.b(at)].map(
      (factor) => weights.get(factor)!.data as Float32Array,
    );
    const [rows, columns] = shape;
    const sum = (weights.get(name)!.data as Float32Array).slice();
    const row = new Float64Array(columns);
    for (let i = 0; i < rows; i++) {
      row.fill(0);
      for (let k = 0; k < lora.rank; k++) {
        const factor = scale * b[i * lora.rank + k];
        for (let j = 0; j < columns; j++) row[j] += factor * a[k * columns + j];
      }
      for (let j = 0; j < columns; j++) sum[i * columns + j] += row[j];
    }
    merged.set(name, float32(shape, sum));
  }
  return merged;
}
