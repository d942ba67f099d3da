import { sumTo } from '../elementwise-op.ts';
import { broadcastDims, formatShape, sameDims } from '../dims.ts';
import { matrixProduct, matrixProductShape, type Transposition } from '../matrix-product.ts';
import type { Attributes } from '../graph.ts';
import type { OpRow } from '../op.ts';
import { elementwise } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import { reshape } from './reshape.ts';
import { transpose } from './transpose.ts';
import type { Value } from '../value.ts';

/** Options of `gemm`: transposition of A and B (default false), and a factor. */
export interface GemmOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Factor of the product. Default 1. */
  readonly alpha?: number;
}

/** alpha · A·B + C for matrices, each optionally transposed without a copy. C broadcasts to the product. */
export function gemm(a: Value, b: Value, c?: Value, options: GemmOptions = {}): Value {
  const { transA = false, transB = false, alpha = 1 } = options;
  return a.builder.apply('Gemm', c === undefined ? [a, b] : [a, b, c], {
    transA: Number(transA),
    transB: Number(transB),
    alpha,
  })[0];
}

/**
 * Aᵀ as a copy. onnxruntime's kernel repacks a transposed A for every few columns of B. For 560 × 1,536 by
 * 560 × 384, the size of a layer's weight gradient, that takes a third longer than a copy and a plain
 * product.
 * The extra axis of length 1 prevents onnxruntime's optimizer from fusing the two again.
 */
function turned(a: Value): Value {
  const [inner, rows] = a.shape;
  return reshape(transpose(reshape(a, [1, inner, rows]), [0, 2, 1]), [rows, inner]);
}

/** Whether Aᵀ·B is large enough that copying A costs little in comparison. */
function isLarge(a: Value, b: Value): boolean {
  return [a, b].every(({ shape }) => shape.every((dim) => typeof dim !== 'number' || dim >= leastForCopy));
}

const leastForCopy = 128;

const transposition = ({ transA = 0, transB = 0 }: Attributes): Transposition => ({
  a: transA === 1,
  b: transB === 1,
});

/** Operator row of `Gemm`. */
export const gemmOp: OpRow = {
  name: 'Gemm',
  domain: '',
  attributes: { transA: 'int', transB: 'int', alpha: 'float', beta: 'float' },
  arity: [2, 3],
  infer: ([a, b, c], attributes) => {
    if (a!.shape.length !== 2 || b!.shape.length !== 2)
      refuse('Gemm', `must get matrices. Got ${formatShape(a!.shape)} and ${formatShape(b!.shape)} instead.`);
    const shape = matrixProductShape('Gemm', a!.shape, b!.shape, transposition(attributes));
    if (c !== undefined && !sameDims(broadcastDims(c.shape, shape) ?? [], shape)) {
      refuse(
        'Gemm',
        `must get a C that broadcasts to ${formatShape(shape)}. Got ${formatShape(c.shape)} instead.`,
      );
    }
    return [{ dtype: a!.dtype, shape }];
  },
  evaluate: ([a, b, c], attributes) => {
    const product = matrixProduct(
      a!,
      b!,
      transposition(attributes),
      (attributes['alpha'] as number | undefined) ?? 1,
    );
    const beta = (attributes['beta'] as number | undefined) ?? 1;
    return [c === undefined ? product : elementwise('float32', [product, c], (x, y) => x + beta * y)];
  },
  gradient: ({ inputs, attributes, outputGradients: [dy], wants }) => {
    if (dy === undefined) return [];
    const [a, b, c] = inputs as readonly Value[];
    if (((attributes['beta'] as number | undefined) ?? 1) !== 1)
      refuse('Gemm', `can be differentiated with beta 1 only. Got ${attributes['beta']} instead.`);
    const { a: transA, b: transB } = transposition(attributes);
    const alpha = (attributes['alpha'] as number | undefined) ?? 1;
    const da = (): Value =>
      transA
        ? gemm(b, dy, undefined, { transA: transB, transB: true, alpha })
        : gemm(dy, b, undefined, { transB: !transB, alpha });
    const db = (): Value =>
      transB
        ? gemm(dy, a, undefined, { transA: true, transB: transA, alpha })
        : gemm(a, dy, undefined, { transA: !transA, alpha });
    return [
      wants[0] ? da() : undefined,
      wants[1] ? db() : undefined,
      wants[2] ? sumTo(dy, c.shape) : undefined,
    ];
  },
  lower: ([a, b, c], attributes) =>
    transposition(attributes).a && isLarge(a, b)
      ? [
          gemm(turned(a), b, c, {
            transB: attributes['transB'] === 1,
            alpha: attributes['alpha'] as number | undefined,
          }),
        ]
      : undefined,
  cases: [
    ...[false, true].flatMap((transA) =>
      [false, true].map((transB) => ({
        name: `transA ${transA}, transB ${transB}`,
        inputs: [{ shape: transA ? [4, 5] : [5, 4] }, { shape: transB ? [6, 4] : [4, 6] }, { shape: [6] }],
        build: ([a, b, c]: readonly Value[]): Value => gemm(a, b, c, { transA, transB, alpha: 0.5 }),
      })),
    ),
    { name: 'without C', inputs: [{ shape: [3, 4] }, { shape: [4, 2] }], build: ([a, b]) => gemm(a, b) },
    {
      name: 'so large that a transposed A is copied',
      inputs: [{ shape: [150, 130] }, { shape: [150, 128] }],
      build: ([a, b]) => gemm(a, b, undefined, { transA: true, alpha: 0.1 }),
    },
    {
      name: 'C is a column',
      inputs: [{ shape: [3, 4] }, { shape: [4, 2] }, { shape: [3, 1] }],
      build: ([a, b, c]) => gemm(a, b, c),
    },
  ],
};
