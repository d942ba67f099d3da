import { describe, expect, it } from 'vitest';
import { mergeParallelColumns } from './parallel-columns.ts';

/** Columns as lists of [row, value]. */
function columnsOf(columns: readonly (readonly (readonly [number, number])[])[]) {
  const entries = columns.flat();
  return {
    columns: columns.length,
    offsets: Int32Array.from([0, ...columns.map((_, i) => columns.slice(0, i + 1).flat().length)]),
    rows: Int32Array.from(entries, ([row]) => row),
    values: Float64Array.from(entries, ([, value]) => value),
  };
}

describe('mergeParallelColumns', () => {
  const merged = mergeParallelColumns(
    columnsOf([
      [
        [1, 1],
        [2, 0.1],
      ],
      [],
      [
        [1, 3],
        [2, 0.3],
      ],
      [
        [1, 3],
        [2, 0.4],
      ],
      [
        [1, 1],
        [3, 0.1],
      ],
      [[1, 1]],
      [],
      [
        [1, -2],
        [2, -0.2],
      ],
    ]),
  );

  it('merges multiples, also negative ones, and nothing else: no other rows, no other ratios, no empty columns', () => {
    expect([...merged.groupOf]).toEqual([0, 1, 0, 2, 3, 4, 5, 0]);
    expect([...merged.offsets]).toEqual([0, 2, 2, 4, 6, 7, 7]);
    expect([...merged.rows]).toEqual([1, 2, 1, 2, 1, 3, 1]);
  });

  it('makes the merged column as long as all of its columns, each of which is its share', () => {
    const length = Math.sqrt(1 + 9 + 4);
    [1, 3, -2].forEach((factor, i) => expect(merged.shareOf[[0, 2, 7][i]!]).toBeCloseTo(factor / length, 14));
    expect(merged.values[0]).toBeCloseTo(length, 14);
    expect(merged.values[1]).toBeCloseTo(0.1 * length, 14);
    expect([...merged.shareOf.slice(3, 7)]).toEqual([1, 1, 1, 1]);
  });
});
