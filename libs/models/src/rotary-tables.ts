import type { GraphBuilder, RotaryTables } from '@overture/graph';
import { float32 } from '@overture/tensors';

const known = new WeakMap<GraphBuilder, Map<string, RotaryTables>>();

/**
 * Cosines and sines of position · base^(−2i / width), each float32 [positions, width / 2]; made once a graph. Angles are computed in
 * float64 from float32 frequencies, which is what Hugging Face's Llama multiplies.
 */
export function rotaryTables(builder: GraphBuilder, width: number, { base, positions }: { readonly base: number; readonly positions: number }): RotaryTables {
  const tables = known.get(builder) ?? new Map<string, RotaryTables>();
  known.set(builder, tables);
  const key = `rotary.${base}.${width}.${positions}`;
  const found = tables.get(key);
  if (found !== undefined) return found;
  const half = width / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => base ** (-2 * i / width));
  const table = (of: (angle: number) => number): Float32Array => Float32Array.from({ length: positions * half }, (_, at) => of(Math.fround(Math.floor(at / half) * frequencies[at % half])));
  const made = { cos: builder.constant(float32([positions, half], table(Math.cos)), `${key}.cos`), sin: builder.constant(float32([positions, half], table(Math.sin)), `${key}.sin`) };
  tables.set(key, made);
  return made;
}
