import { defineStage, pipeline, type Reference } from '@overture/dag';
import { z } from 'zod';

/** A stage that does nothing: its duration is the orchestration overhead. */
export const noOp = defineStage({
  name: 'noOp',
  version: 1,
  summary: 'Does nothing',
  queue: 'light',
  input: z.strictObject({ salt: z.int(), place: z.int(), from: z.array(z.int()) }),
  output: z.object({ value: z.int() }),
});

/**
 * `deep` levels of `wide` stages. Each uses the outputs of two stages of the previous level. Equal salts have
 * equal cache keys.
 */
export const shape = z.strictObject({ wide: z.int().min(1), deep: z.int().min(1), salt: z.int() });
/** The size of a benchmark DAG. */
export type Shape = z.output<typeof shape>;

/** The stages of the previous level that a stage depends on. */
export function parentsOf(column: number, wide: number): readonly number[] {
  return wide === 1 ? [0] : [column, (column + 1) % wide];
}

/** The pipeline of no-op stages. */
export const noOpDag = pipeline('noOpDag', shape, ({ wide, deep, salt }, run) => {
  let level: Reference<{ value: number }>[] = [];
  for (let depth = 0; depth < deep; depth++) {
    const before = level;
    level = Array.from({ length: wide }, (_, column) => {
      const from =
        depth === 0
          ? []
          : parentsOf(column, wide).map((parent) => (before[parent] as (typeof before)[number]).value);
      return run(noOp, { salt, place: depth * wide + column, from }, { as: `s${depth}_${column}` });
    });
  }
  return { values: level.map(({ value }) => value) };
});
