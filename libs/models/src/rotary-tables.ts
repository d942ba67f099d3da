import type { GraphBuilder, RotaryTables } from '@overture/graph';
import { float32 } from '@overture/tensors';
import type { AttentionShape } from './layout.ts';
import { ropeFrequencies } from './rope-scaling.ts';

const known = new WeakMap<GraphBuilder, Map<string, RotaryTables>>();

/**
 * Cosines and sines of position · frequency, float32 [positions, width / 2] each, created once per graph.
 * Angles are float32 products of position and frequency, as in Hugging Face's Llama; cosines and sines are
 * computed in float64 and rounded.
 */
export function rotaryTables(
  builder: GraphBuilder,
  width: number,
  { base, scaling, positions }: NonNullable<AttentionShape['rotary']>,
): RotaryTables {
  const tables = known.get(builder) ?? new Map<string, RotaryTables>();
  known.set(builder, tables);
  const key = `rotary.${base}.${width}.${positions}`; // a network has only one scaling
  const found = tables.get(key);
  if (found !== undefined) return found;
  const half = width / 2;
  const { frequencies, amplitude } = ropeFrequencies(width, { base, scaling });
  const table = (of: (angle: number) => number): Float32Array =>
    Float32Array.from(
      { length: positions * half },
      (_, at) => amplitude * of(Math.fround(Math.floor(at / half) * frequencies[at % half])),
    );
  const made = {
    cos: builder.constant(float32([positions, half], table(Math.cos)), `${key}.cos`),
    sin: builder.constant(float32([positions, half], table(Math.sin)), `${key}.sin`),
  };
  tables.set(key, made);
  return made;
}
