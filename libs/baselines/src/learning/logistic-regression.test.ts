import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { cachedColumns, matrixProducts } from '../text/matrix-products.ts';
import type { SparseMatrix } from '../text/sparse-matrix.ts';
import { fitLogisticRegression } from './logistic-regression.ts';

const [rows, rare] = [120, 60];
const random = counterRandom(0, 'wide');
const labels = Array.from({ length: rows }, (_, row) => Number(row % 3 === 0));
/**
 * Eight of 20 frequent columns per row, and rare columns in two rows each: every three of them multiples of
 * each other.
 */
const entries = Array.from({ length: rows }, (_, row) => {
  const frequent = Array.from({ length: 8 }, (_, k) => ({
    column: (row * 7 + k * (1 + (row % 3))) % 20,
    value: 0.1 + random.below(row * 8 + k, 100) / 100,
  }));
  const first = 3 * Math.floor(row / 6);
  const few =
    row % 6 < 2
      ? [1, 2, -0.5].map((factor, k) => ({
          column: cachedColumns + first + k,
          value: factor * (1 + (row % 6) / 3),
        }))
      : [];
  return [...new Map([...frequent, ...few].map((entry) => [entry.column, entry])).values()];
});

function matrixOf(order: 'frequent first' | 'reversed'): SparseMatrix {
  const ordered = entries.map((row) => (order === 'reversed' ? row.toReversed() : row));
  const offsets = Int32Array.from([0, ...ordered.map((_, row) => ordered.slice(0, row + 1).flat().length)]);
  const flat = ordered.flat();
  return {
    rows,
    columns: cachedColumns + rare,
    offsets,
    indices: Int32Array.from(flat, ({ column }) => column),
    values: Float64Array.from(flat, ({ value }) => value),
  };
}

describe('fitLogisticRegression with rare columns', () => {
  const [merged, plain] = [matrixOf('frequent first'), matrixOf('reversed')]; // the second layout is neither merged nor rounded

  it.each(['none', 'balanced'] as const)(
    'finds the minimum of the matrix as it is, with merged columns and rounded products (weights %s)',
    (classWeight) => {
      expect(matrixProducts(merged).columns).toBe(cachedColumns + rare / 3);
      expect(matrixProducts(plain).columns).toBe(cachedColumns + rare);
      const [ours, exact] = [merged, plain].map((features) =>
        fitLogisticRegression(features, labels, { classWeight, tolerance: 1e-14 }),
      );
      expect(Math.abs(ours!.objective / exact!.objective - 1)).toBeLessThan(1e-13);
      ours!.weights.forEach((weight, column) => {
        if (Math.abs(weight - exact!.weights[column]!) > 1e-6)
          expect.fail(`weight ${column} is ${weight}, not ${exact!.weights[column]}`);
      });
      expect(Math.max(...ours!.weights.subarray(cachedColumns).map(Math.abs))).toBeGreaterThan(0.05);
    },
  );

  it('ends at once when it starts from its own result, in the columns of the matrix', () => {
    const { weights, objective } = fitLogisticRegression(merged, labels, { tolerance: 1e-12 });
    let products = 0;
    const again = fitLogisticRegression(merged, labels, {
      tolerance: 1e-11,
      start: weights,
      onProgress: () => products++,
    });
    expect(products).toBe(0);
    expect(again.objective).toBeCloseTo(objective, 10);
  });
});
