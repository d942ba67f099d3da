import { broadcastDims, formatShape, type Dim, type Shape } from './dims.ts';
import {
  broadcastLengths,
  offsets,
  referenceArray,
  strides,
  type ReferenceArray,
} from './reference-array.ts';
import { refuse } from './refuse.ts';

/** Which operands of a product are transposed in their last two axes. */
export interface Transposition {
  readonly a: boolean;
  readonly b: boolean;
}

/**
 * The shape of A·B with broadcast leading batch axes, after the given transpositions.
 * @throws AppError `GRAPH_TYPE_MISMATCH`
 */
export function matrixProductShape(
  op: string,
  a: Shape,
  b: Shape,
  transposed: Transposition = { a: false, b: false },
): Shape {
  if (a.length < 2 || b.length < 2)
    refuse(
      op,
      `must get at least two axes on both sides. Got ${formatShape(a)} and ${formatShape(b)} instead.`,
    );
  const [rows, inner] = lastTwo(a, transposed.a);
  const [innerB, columns] = lastTwo(b, transposed.b);
  const batch = broadcastDims(a.slice(0, -2), b.slice(0, -2));
  if (inner !== innerB || batch === undefined) {
    const how =
      transposed.a || transposed.b ? ` (${transposed.a ? 'Aᵀ' : 'A'}·${transposed.b ? 'Bᵀ' : 'B'})` : '';
    return refuse(
      op,
      `must get shapes that multiply${how}. Got ${formatShape(a)} and ${formatShape(b)} instead.`,
    );
  }
  return [...batch, rows, columns];
}

/** Computes alpha · A·B from its definition. */
export function matrixProduct(
  a: ReferenceArray,
  b: ReferenceArray,
  transposed: Transposition,
  alpha = 1,
): ReferenceArray {
  const [rows, inner] = lastTwo(a.shape, transposed.a) as [number, number];
  const columns = lastTwo(b.shape, transposed.b)[1] as number;
  const batch = broadcastLengths([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  const [placesA, placesB] = [a, b].map(({ shape }) => offsets(batch, strides(shape.slice(0, -2))));
  return referenceArray('float32', [...batch, rows, columns], (at) => {
    const column = at % columns;
    const row = Math.floor(at / columns) % rows;
    const which = Math.floor(at / columns / rows);
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      const i = placesA[which] * rows * inner + (transposed.a ? k * rows + row : row * inner + k);
      const j = placesB[which] * inner * columns + (transposed.b ? column * inner + k : k * columns + column);
      sum += a.data[i] * b.data[j];
    }
    return alpha * sum;
  });
}

function lastTwo(shape: Shape, transposed: boolean): readonly [Dim, Dim] {
  const [x, y] = shape.slice(-2);
  return transposed ? [y, x] : [x, y];
}
