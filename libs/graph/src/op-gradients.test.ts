import { counterRandom } from '@overture/core';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluateExactly } from './evaluate.ts';
import { toReference, type ReferenceArray } from './reference-array.ts';
import { opTable } from './table.ts';
import { gradientGraph, type CaseGraph } from './testing/case-graph.ts';

const step = 1e-5;

/** The derivative of the loss along one random direction, by central differences and by the gradient. */
function alongRandomDirection({ graph, feeds, differentiated }: CaseGraph): {
  differences: number;
  gradient: number;
} {
  const arrays = Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [name, toReference(tensor)]),
  );
  const directions = new Map(
    differentiated.map((name) => [
      name,
      Float64Array.from(arrays[name].data, (_, i) => counterRandom(3, name).normal(i)),
    ]),
  );
  const lossAt = (distance: number): number => {
    const moved = { ...arrays };
    for (const [name, direction] of directions)
      moved[name] = { ...arrays[name], data: arrays[name].data.map((x, i) => x + distance * direction[i]) };
    return evaluateExactly(graph, moved).get('loss')!.data[0];
  };
  const results = evaluateExactly(graph, arrays);
  let gradient = 0;
  for (const [name, direction] of directions) {
    const slope = denseGradient(results, name, arrays[name]);
    slope.forEach((g, i) => (gradient += g * direction[i]));
  }
  return { differences: (lossAt(step) - lossAt(-step)) / (2 * step), gradient };
}

function denseGradient(
  results: ReadonlyMap<string, ReferenceArray>,
  name: string,
  x: ReferenceArray,
): Float64Array {
  const sum = Float64Array.from(results.get(`d ${name}`)?.data ?? new Float64Array(x.data.length));
  for (let part = 0; results.has(`rows ${name} ${part}`); part++) {
    const [rows, indices] = [results.get(`rows ${name} ${part}`)!, results.get(`indices ${name} ${part}`)!];
    const width = x.data.length / x.shape[0];
    indices.data.forEach((index, i) => {
      const row = index < 0 ? index + x.shape[0] : index;
      for (let k = 0; k < width; k++) sum[row * width + k] += rows.data[i * width + k];
    });
  }
  return sum;
}

describe('the gradient rule of', () => {
  for (const row of opTable) {
    for (const opCase of row.cases) {
      const graph = gradientGraph(opCase);
      if (graph === undefined) continue;
      it(`${row.name}, ${opCase.name}, agrees with finite differences`, () => {
        const { differences, gradient } = alongRandomDirection(graph);
        expect(Math.abs(gradient)).toBeGreaterThan(0);
        expect(Math.abs(gradient - differences)).toBeLessThan(1e-6 * Math.max(1, Math.abs(differences)));
      });
    }
  }
});

describe('the operator table', () => {
  it.each(opTable.map((row) => [row.name, row] as const))(
    '%s has spec cases, and a gradient case if it has a rule',
    (_, row) => {
      expect(row.cases.length).toBeGreaterThan(0);
      if (row.gradient !== undefined)
        expect(row.cases.some((opCase) => gradientGraph(opCase) !== undefined)).toBe(true);
    },
  );

  it('has a row for every file in ops', async () => {
    const files = readdirSync(new URL('./ops/', import.meta.url));
    const modules = await Promise.all(
      files.map((file) => import(`./ops/${file}`) as Promise<Record<string, unknown>>),
    );
    modules.forEach((module, i) =>
      expect(
        Object.values(module).some((exported) => opTable.some((row) => row === exported)),
        `${files[i]} has no row in table.ts`,
      ).toBe(true),
    );
    expect(files).toHaveLength(opTable.length);
  });

  it('names every operator once', () => {
    expect(new Set(opTable.map(({ name }) => name)).size).toBe(opTable.length);
  });
});
