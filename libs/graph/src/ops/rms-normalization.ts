import { broadcastDims, formatShape, sameDims } from '../dims.ts';
import type { GradientContext, OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { gemm } from './gemm.ts';
import { mul } from './mul.ts';
import { reshape, reshapeLike } from './reshape.ts';
import { sub } from './sub.ts';

/**
 * x / √(mean of x² + epsilon) · scale over the last axis (Zhang & Sennrich, arXiv:1910.07467). An operator of
 * onnxruntime, not of ONNX.
 */
export function rmsNormalization(x: Value, scale: Value, epsilon: number): Value {
  return x.builder.apply('SimplifiedLayerNormalization', [x, scale], { axis: -1, epsilon }, 2)[0];
}

/** Operator row of `SimplifiedLayerNormalization`. */
export const rmsNormalizationOp: OpRow = {
  name: 'SimplifiedLayerNormalization',
  domain: '', // onnxruntime registers it in this domain, although it is not an ONNX operator
  attributes: { axis: 'int', epsilon: 'float', stash_type: 'int' },
  arity: [2, 2],
  infer: ([x, scale], { axis = -1 }, outputCount) => {
    if (axis !== -1 && axis !== x!.shape.length - 1)
      refuse('SimplifiedLayerNormalization', `is known over the last axis only. Got axis ${axis} instead.`);
    const width = x!.shape.slice(-1);
    if (!sameDims(broadcastDims(scale!.shape, width) ?? [], width))
      refuse(
        'SimplifiedLayerNormalization',
        `must get a scale of shape ${formatShape(width)}. Got ${formatShape(scale!.shape)} instead.`,
      );
    return [
      { dtype: x!.dtype, shape: x!.shape },
      { dtype: 'float32' as const, shape: [...x!.shape.slice(0, -1), 1] },
    ].slice(0, outputCount);
  },
  evaluate: ([x, scale], { epsilon = 1e-5 }, outputCount) => {
    const width = x!.shape[x!.shape.length - 1];
    const inverse = referenceArray('float32', [...x!.shape.slice(0, -1), 1], (row) => {
      const meanSquare =
        x!.data.subarray(row * width, (row + 1) * width).reduce((sum, v) => sum + v * v, 0) / width;
      return 1 / Math.sqrt(meanSquare + (epsilon as number));
    });
    const y = referenceArray(
      'float32',
      x!.shape,
      (i) => x!.data[i] * inverse.data[Math.floor(i / width)] * scale!.data[i % width],
    );
    return [y, inverse].slice(0, outputCount);
  },
  gradient: rmsNormalizationGradient,
  cases: [
    {
      name: 'rows',
      inputs: [{ shape: [3, 8] }, { shape: [8] }],
      build: ([x, scale]) => rmsNormalization(x, scale, 1e-5),
    },
    {
      name: 'three axes',
      inputs: [{ shape: [2, 3, 4] }, { shape: [4] }],
      build: ([x, scale]) => rmsNormalization(x, scale, 1e-6),
    },
    {
      name: 'zeros',
      inputs: [
        { shape: [2, 3], values: [0, 0, 0, 1, 2, 3], differentiate: false },
        { shape: [3], differentiate: false },
      ],
      build: ([x, scale]) => rmsNormalization(x, scale, 1e-5),
    },
  ],
};

/**
 * With r = 1/√(mean x² + ε), g = dy · scale, and width n: dx = r g − x r³ mean(g x). Both gradients use p =
 * dy · x.
 */
function rmsNormalizationGradient({
  inputs,
  outputs,
  outputGradients: [dyAny],
  wants,
}: GradientContext): readonly (Value | undefined)[] {
  if (dyAny === undefined) return [];
  const [xAny, scale] = inputs as readonly Value[];
  const inverseAny = outputs[1];
  if (inverseAny === undefined)
    return refuse(
      'SimplifiedLayerNormalization',
      'must be built with its two outputs to be differentiated. Use rmsNormalization().',
    );
  const width = xAny.shape[xAny.shape.length - 1] as number;
  const rows = (v: Value): Value =>
    v.shape.length === 2 ? v : reshape(v, [-1, v.shape[v.shape.length - 1]]);
  const [x, dy, r] = [xAny, dyAny, inverseAny].map(rows);
  const p = mul(dy, x);
  const dx = (): Value => {
    const meanGx = gemm(p, reshape(mul(scale, 1 / width), [width, 1])); // [rows, 1]
    return sub(mul(mul(dy, r), scale), mul(x, mul(mul(mul(r, r), r), meanGx)));
  };
  return [
    wants[0] ? reshapeLike(dx(), xAny) : undefined,
    wants[1] ? reshape(gemm(r, p, undefined, { transA: true }), [width]) : undefined,
  ];
}
