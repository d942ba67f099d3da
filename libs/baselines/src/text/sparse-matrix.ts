/** Rows of mostly zeros (compressed sparse rows). */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** rows + 1 positions: row r is entries[offsets[r]] to entries[offsets[r + 1] - 1]. */
  readonly offsets: Int32Array;
  /** Column of each entry, rising inside a row. */
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** Rows of which every entry counts, as the same kind of matrix. @param values float [rows · columns], row by row */
export function denseRows(values: ArrayLike<number>, columns: number): SparseMatrix {
  const rows = values.length / columns;
  return {
    rows, columns,
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
    indices: Int32Array.from(values, (_, i) => i % columns),
    values: Float64Array.from(values),
  };
}

/** matrix × vector [columns] → into [rows], overwritten. */
export function multiplyInto(matrix: SparseMatrix, vector: Float64Array, into: Float64Array): void {
  const { offsets, indices, values } = matrix;
  for (let row = 0; row < matrix.rows; row++) {
    let total = 0;
    for (let k = offsets[row]; k < offsets[row + 1]; k++) total += values[k] * vector[indices[k]];
    into[row] = total;
  }
}

/** into [columns] += matrixᵀ × vector [rows]. */
export function addTransposedProduct(matrix: SparseMatrix, vector: Float64Array, into: Float64Array): void {
  const { offsets, indices, values } = matrix;
  for (let row = 0; row < matrix.rows; row++) {
    const factor = vector[row];
    for (let k = offsets[row]; k < offsets[row + 1]; k++) into[indices[k]] += factor * values[k];
  }
}
