import { cast } from './cast.ts';
import { matrixProduct, matrixProductShape } from '../matrix-product.ts';
import type { OpRow } from '../op.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';

/**
 * (A − zero point of A) · B over the last two axes, exact in int32.
 * @param a uint8 or int8
 * @param b uint8 or int8, with zero point 0
 * @param zeroPointOfA scalar of A's type. Default 0
 */
export function matMulInteger(a: Value, b: Value, zeroPointOfA?: Value): Value {
  return a.builder.apply('MatMulInteger', zeroPointOfA === undefined ? [a, b] : [a, b, zeroPointOfA])[0];
}

/** Operator row of `MatMulInteger`. */
export const matMulIntegerOp: OpRow = {
  name: 'MatMulInteger',
  domain: '',
  arity: [2, 3],
  infer: ([a, b, zeroPoint]) => {
    for (const { dtype } of [a!, b!])
      if (dtype !== 'int8' && dtype !== 'uint8')
        refuse('MatMulInteger', `must get int8 or uint8. Got ${dtype} instead.`);
    if (zeroPoint !== undefined && (zeroPoint.dtype !== a!.dtype || zeroPoint.shape.length > 0)) {
      refuse(
        'MatMulInteger',
        `must get a zero point that is a scalar of A's type, ${a!.dtype}. Got ${zeroPoint.dtype} with ${zeroPoint.shape.length} axes instead.`,
      );
    }
    return [{ dtype: 'int32', shape: matrixProductShape('MatMulInteger', a!.shape, b!.shape) }];
  },
  evaluate: ([a, b, zeroPoint]) => {
    const shifted =
      zeroPoint === undefined ? a! : { ...a!, data: a!.data.map((value) => value - zeroPoint.data[0]) };
    return [{ ...matrixProduct(shifted, b!, { a: false, b: false }), dtype: 'int32' }];
  },
  cases: [
    {
      name: 'without zero point',
      inputs: [
        { shape: [3, 4], dtype: 'uint8', values: 256 },
        { shape: [4, 2], dtype: 'int8', values: 100 },
      ],
      build: ([a, b]) => matMulInteger(a, b),
    },
    {
      name: 'with zero point',
      inputs: [
        { shape: [2, 3, 4], dtype: 'uint8', values: 256 },
        { shape: [4, 2], dtype: 'int8', values: [-127, 5, 0, -1, 127, 3, -60, 8] },
        { shape: [], dtype: 'uint8', values: [131] },
      ],
      build: ([a, b, zero]) => matMulInteger(a, b, zero),
    },
    {
      name: 'as floats',
      inputs: [
        { shape: [3, 4], dtype: 'uint8', values: 256 },
        { shape: [4, 2], dtype: 'int8', values: 100 },
      ],
      build: ([a, b]) => cast(matMulInteger(a, b), 'float32'),
    },
  ],
};
