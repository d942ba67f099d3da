import { sumTo } from '../elementwise-op.ts';
import { matrixProduct, matrixProductShape } from '../matrix-product.ts';
import type { OpRow } from '../op.ts';
import type { Value } from '../value.ts';
import { fusedMatMul } from './fused-mat-mul.ts';
import { gemm } from './gemm.ts';
import { reshape } from './reshape.ts';

/** Matrix product over the last two axes. Leading axes are batch axes and broadcast. */
export function matmul(a: Value, b: Value): Value {
  return a.builder.apply('MatMul', [a, b])[0];
}

/** Operator row of `MatMul`. */
export const matMulOp: OpRow = {
  name: 'MatMul',
  domain: '',
  arity: [2, 2],
  infer: ([a, b]) => [{ dtype: a!.dtype, shape: matrixProductShape('MatMul', a!.shape, b!.shape) }],
  evaluate: ([a, b]) => [matrixProduct(a!, b!, { a: false, b: false })],
  gradient: ({ inputs: [a, b], outputGradients: [dy], wants }) => {
    if (dy === undefined) return [];
    const da = wants[0] ? sumTo(fusedMatMul(dy, b!, { transB: true }), a!.shape) : undefined;
    return [da, wants[1] ? rightGradient(a!, b!, dy) : undefined];
  },
  cases: [
    { name: 'matrices', inputs: [{ shape: [3, 4] }, { shape: [4, 2] }], build: ([a, b]) => matmul(a, b) },
    {
      name: 'batch',
      inputs: [{ shape: [2, 3, 3, 4] }, { shape: [2, 3, 4, 2] }],
      build: ([a, b]) => matmul(a, b),
    },
    {
      name: 'batch with matrix',
      inputs: [{ shape: [2, 3, 4] }, { shape: [4, 2] }],
      build: ([a, b]) => matmul(a, b),
    },
    {
      name: 'broadcast batch',
      inputs: [{ shape: [2, 1, 3, 4] }, { shape: [5, 4, 2] }],
      build: ([a, b]) => matmul(a, b),
    },
  ],
};

/** Aᵀ·dY. For a batch times a single matrix, all rows are one Gemm. */
function rightGradient(a: Value, b: Value, dy: Value): Value {
  if (b.shape.length > 2) return sumTo(fusedMatMul(a, dy, { transA: true }), b.shape);
  const rows = (x: Value): Value =>
    x.shape.length === 2 ? x : reshape(x, [-1, x.shape[x.shape.length - 1]]);
  return gemm(rows(a), rows(dy), undefined, { transA: true });
}
