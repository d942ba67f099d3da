import { sumTo } from '../elementwise-op.ts';
import { matrixProduct, matrixProductShape, type Transposition } from '../matrix-product.ts';
import type { Attributes } from '../graph.ts';
import type { OpRow } from '../op.ts';
import type { Value } from '../value.ts';

/** Options of `fusedMatMul`. */
export interface FusedMatMulOptions {
  /** Transpose the last two axes of A. Default false. */
  readonly transA?: boolean;
  /** Transpose the last two axes of B. Default false. */
  readonly transB?: boolean;
  /** Factor of the product. Default 1. */
  readonly alpha?: number;
}

/**
 * alpha · A·B over the last two axes, each operand optionally transposed without a copy. Leading axes are
 * batch axes and broadcast. An operator of onnxruntime, not of ONNX.
 */
export function fusedMatMul(a: Value, b: Value, options: FusedMatMulOptions = {}): Value {
  const { transA = false, transB = false, alpha = 1 } = options;
  return a.builder.apply('FusedMatMul', [a, b], { transA: Number(transA), transB: Number(transB), alpha })[0];
}

const transposition = ({ transA = 0, transB = 0 }: Attributes): Transposition => ({
  a: transA === 1,
  b: transB === 1,
});

/** Operator row of `FusedMatMul`. */
export const fusedMatMulOp: OpRow = {
  name: 'FusedMatMul',
  domain: 'com.microsoft',
  attributes: { transA: 'int', transB: 'int', alpha: 'float' },
  arity: [2, 2],
  infer: ([a, b], attributes) => [
    {
      dtype: a!.dtype,
      shape: matrixProductShape('FusedMatMul', a!.shape, b!.shape, transposition(attributes)),
    },
  ],
  evaluate: ([a, b], attributes) => [
    matrixProduct(a!, b!, transposition(attributes), attributes['alpha'] as number),
  ],
  gradient: ({ inputs, attributes, outputGradients: [dy], wants }) => {
    if (dy === undefined) return [];
    const [a, b] = inputs as readonly Value[];
    const { a: transA, b: transB } = transposition(attributes);
    const alpha = attributes['alpha'] as number;
    const da = (): Value =>
      transA
        ? fusedMatMul(b, dy, { transA: transB, transB: true, alpha })
        : fusedMatMul(dy, b, { transB: !transB, alpha });
    const db = (): Value =>
      transB
        ? fusedMatMul(dy, a, { transA: true, transB: transA, alpha })
        : fusedMatMul(a, dy, { transA: !transA, alpha });
    return [wants[0] ? sumTo(da(), a.shape) : undefined, wants[1] ? sumTo(db(), b.shape) : undefined];
  },
  cases: [false, true].flatMap((transA) =>
    [false, true].map((transB) => ({
      name: `transA ${transA}, transB ${transB}`,
      inputs: [
        { shape: [2, 3, ...(transA ? [4, 5] : [5, 4])] },
        { shape: [2, 3, ...(transB ? [6, 4] : [4, 6])] },
      ],
      build: ([a, b]: readonly Value[]): Value => fusedMatMul(a, b, { transA, transB, alpha: 0.5 }),
    })),
  ),
};
