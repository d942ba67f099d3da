/** Rows of mostly zeros (compressed sparse rows). */
export interface SparseMatrix {
  readonly rows: number;
  readonly columns: number;
  /** rows + 1 positions: row r consists of entries[offsets[r]] to entries[offsets[r + 1] - 1]. */
  readonly offsets: Int32Array;
  /** The column of each entry; each column occurs at most once per row. */
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/**
 * A matrix in which every entry is stored.
 * @param values float [rows · columns], row by row
 */
export function denseRows(values: ArrayLike<number>, columns: number): SparseMatrix {
  const rows = values.length / columns;
  return {
    rows,
    columns,
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
    indices: Int32Array.from(values, (_, i) => i % columns),
    values: Float64Array.from(values),
  };
}

/**
 * Scales each row in place to length 1 (Euclidean); empty rows stay empty.
 * @returns the matrix
 */
export function scaleToUnitRows(matrix: SparseMatrix): SparseMatrix {
  const { rows, offsets, values } = matrix;
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [offsets[row]!, offsets[row + 1]!];
    let squares = 0;
    for (let k = begin; k < end; k++) squares += values[k]! * values[k]!;
    const length = Math.sqrt(squares);
    for (let k = begin; k < end; k++) values[k]! /= length;
  }
  return matrix;
}

/** matrix × vector [columns] → into [rows], overwritten. */
export function multiplyInto(
  { rows, offsets, indices, values }: SparseMatrix,
  vector: Float64Array,
  into: Float64Array,
): void {
  for (let row = 0; row < rows; row++) {
    let total = 0;
    const end = offsets[row + 1]!;
    for (let k = offsets[row]!; k < end; k++) total += values[k]! * vector[indices[k]!]!;
    into[row] = total;
  }
}
