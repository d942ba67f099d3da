import { cachedColumns } from './matrix-products.ts';
import type { SparseMatrix } from './sparse-matrix.ts';

/** Collects rows of counted terms before their columns are known. */
export interface RowBuilder {
  rows(): number;
  /** Adds a row from its terms, including repeats. Counts each term in order of first occurrence. */
  add(terms: Int32Array): void;
  /**
   * The number of rows in which each term occurs.
   * @param limit greater than all terms
   */
  rowsWith(limit: number): Int32Array;
  /**
   * The rows with columns instead of terms, without the terms whose column is -1. In each row, the entries of
   * the first `cachedColumns` columns come first. Empties the builder.
   */
  take(columnOf: Int32Array, columns: number, weigh: (count: number, column: number) => number): SparseMatrix;
}

/** An empty builder. */
export function rowBuilder(): RowBuilder {
  let [terms, counts] = [new Int32Array(1 << 16), new Int32Array(1 << 16)];
  let ends = new Float64Array(1 << 10); // exact for integers below 2^53
  let [rows, size] = [0, 0];
  // The index of each term's entry in the current row. Entries of earlier rows are before the row's start.
  let entryOf = new Int32Array(1 << 16).fill(-1);
  return {
    rows: () => rows,
    add(row) {
      const begin = size;
      if (size + row.length > terms.length)
        [terms, counts] = [longer(terms, size + row.length), longer(counts, size + row.length)];
      for (const term of row) {
        if (term >= entryOf.length) entryOf = longer(entryOf, term + 1, -1);
        const entry = entryOf[term]!;
        if (entry >= begin) counts[entry]!++;
        else {
          entryOf[term] = size;
          terms[size] = term;
          counts[size++] = 1;
        }
      }
      if (rows === ends.length) {
        const previous = ends;
        ends = new Float64Array(2 * rows);
        ends.set(previous);
      }
      ends[rows++] = size;
    },
    rowsWith(limit) {
      const found = new Int32Array(limit);
      for (let i = 0; i < size; i++) found[terms[i]!]!++;
      return found;
    },
    take(columnOf, columns, weigh) {
      let kept = 0;
      for (let i = 0; i < size; i++) if (columnOf[terms[i]!]! >= 0) kept++;
      const [offsets, indices, values] = [
        new Int32Array(rows + 1),
        new Int32Array(kept),
        new Float64Array(kept),
      ];
      let [begin, k] = [0, 0];
      for (let row = 0; row < rows; row++) {
        const end = ends[row]!;
        // The entries of rare columns wait at the row's begin, which has been read already.
        let rare = begin;
        for (let i = begin; i < end; i++) {
          const column = columnOf[terms[i]!]!;
          if (column >= cachedColumns) {
            terms[rare] = column;
            counts[rare++] = counts[i]!;
          } else if (column >= 0) {
            indices[k] = column;
            values[k++] = weigh(counts[i]!, column);
          }
        }
        for (let i = begin; i < rare; i++) {
          indices[k] = terms[i]!;
          values[k++] = weigh(counts[i]!, terms[i]!);
        }
        begin = end;
        offsets[row + 1] = k;
      }
      const matrix = { rows, columns, offsets, indices, values };
      terms = counts = entryOf = new Int32Array(0);
      rows = size = 0;
      return matrix;
    },
  };
}

/** A copy with at least this length, and at least twice the previous one. */
function longer(array: Int32Array, atLeast: number, filler = 0): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(Math.max(2 * array.length, atLeast));
  copy.set(array);
  return filler === 0 ? copy : copy.fill(filler, array.length);
}
