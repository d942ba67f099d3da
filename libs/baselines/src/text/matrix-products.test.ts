import { describe, expect, it } from 'vitest';
import { cachedColumns, matrixProducts } from './matrix-products.ts';
import { multiplyInto, type SparseMatrix } from './sparse-matrix.ts';

const columns = cachedColumns + 40;
/**
 * Columns of each row: frequent and rare ones, one without rare ones, one of rare ones only, and an empty
 * one.
 */
const frequentFirst = [
  [3, 0, cachedColumns - 1, cachedColumns, columns - 1],
  [7, 3],
  [columns - 1, cachedColumns + 5],
  [],
  [0, columns - 1],
];
const mixed = [[columns - 1, 3, cachedColumns, 0], ...frequentFirst.slice(1)];

function matrixOf(rows: readonly (readonly number[])[]): SparseMatrix {
  const indices = rows.flat();
  const offsets = Int32Array.from([0, ...rows.map((_, row) => rows.slice(0, row + 1).flat().length)]);
  return {
    rows: rows.length,
    columns,
    offsets,
    indices: Int32Array.from(indices),
    values: Float64Array.from(indices, (_, i) => 1 + (i % 5) / 4),
  };
}

describe.each([
  ['frequent columns first', frequentFirst],
  ['columns in any order', mixed],
])('matrixProducts with %s', (_, layout) => {
  const matrix = matrixOf(layout);
  const products = matrixProducts(matrix);
  const vector = Float64Array.from({ length: columns }, (_, i) => ((i * 7) % 11) - 5);
  const weights = Float64Array.of(0.5, 2, 3, 4, 0.25);
  const entries = Array.from(matrix.indices, (column, k) => ({
    column,
    value: matrix.values[k]!,
    row: matrix.offsets.findIndex((end) => end > k) - 1,
  }));
  const margins = new Float64Array(matrix.rows);
  multiplyInto(matrix, vector, margins);

  it('multiplies, overwriting what was there', () => {
    const into = new Float64Array(matrix.rows).fill(9);
    products.multiplyInto(vector, into);
    expect([...into]).toEqual([...margins]);
    expect(into[3]).toBe(0);
  });

  it('adds the transposed, the weighted Gram product, the weighted sums and the weighted squares', () => {
    const expected = (of: (entry: (typeof entries)[number]) => number): Float64Array => {
      const into = new Float64Array(columns).fill(1);
      for (const entry of entries) into[entry.column]! += of(entry);
      return into;
    };
    const added = (add: (into: Float64Array) => unknown): Float64Array => {
      const into = new Float64Array(columns).fill(1);
      add(into);
      return into;
    };
    expect(added((into) => products.addTransposed(weights, into))).toEqual(
      expected(({ row, value }) => weights[row]! * value),
    );
    expect(added((into) => products.addWeightedGram(weights, { vector, into }))).toEqual(
      expected(({ row, value }) => weights[row]! * margins[row]! * value),
    );
    expect(
      added((squares) => products.addWeightedSums(weights, { sums: new Float64Array(columns), squares })),
    ).toEqual(expected(({ row, value }) => weights[row]! * value * value));
    expect(
      added((sums) => products.addWeightedSums(weights, { sums, squares: new Float64Array(columns) })),
    ).toEqual(expected(({ row, value }) => weights[row]! * value));
    expect(products.addWeightedGram(weights, { vector, into: new Float64Array(columns) })).toBe(
      weights.reduce((sum, weight, row) => sum + weight * margins[row]!, 0),
    );
  });
});
