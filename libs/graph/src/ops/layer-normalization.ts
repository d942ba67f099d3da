import { broadcastDims, formatShape, sameDims, type Dim } from '../dims.ts';
import { sumTo } from '../elementwise-op.ts';
import type { GradientContext, OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { add } from './add.ts';
import { gemm } from './gemm.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { reshape, reshapeLike } from './reshape.ts';
import { sub } from './sub.ts';

/** (x − mean) / √(variance + epsilon) · scale + bias over the last axis (Ba et al., arXiv:1607.06450). */
export function layerNormalization(x: Value, scale: Value, bias: Value, epsilon: number): Value {
  return x.builder.apply('LayerNormalization', [x, scale, bias], { axis: -1, epsilon }, 3)[0];
}

/** Operator row of `LayerNormalization`. */
export const layerNormalizationOp: OpRow = {
  name: 'LayerNormalization',
  domain: '',
  attributes: { axis: 'int', epsilon: 'float' },
  arity: [2, 3],
  infer: ([x, scale, bias], { axis = -1 }, outputCount) => {
    if (axis !== -1 && axis !== x!.shape.length - 1)
      refuse('LayerNormalization', `is known over the last axis only. Got axis ${axis} instead.`);
    const width = x!.shape.slice(-1);
    for (const weight of [scale!, bias ?? scale!]) {
      if (!sameDims(broadcastDims(weight.shape, width) ?? [], width))
        refuse(
          'LayerNormalization',
          `must get a scale and a bias of shape ${formatShape(width)}. Got ${formatShape(weight.shape)} instead.`,
        );
    }
    const statistics: Dim[] = [...x!.shape.slice(0, -1), 1];
    return [
      { dtype: x!.dtype, shape: x!.shape },
      ...[statistics, statistics].map((shape) => ({ dtype: 'float32', shape }) as const),
    ].slice(0, outputCount);
  },
  evaluate: ([x, scale, bias], { epsilon = 1e-5 }, outputCount) => {
    const width = x!.shape[x!.shape.length - 1];
    const rows = x!.data.length / width;
    const statistics = [...x!.shape.slice(0, -1), 1];
    const mean = referenceArray(
      'float32',
      statistics,
      (row) => x!.data.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0) / width,
    );
    const deviation = referenceArray('float32', statistics, (row) => {
      const variance =
        x!.data
          .subarray(row * width, (row + 1) * width)
          .reduce((sum, v) => sum + (v - mean.data[row]) ** 2, 0) / width;
      return 1 / Math.sqrt(variance + (epsilon as number));
    });
    const y = referenceArray('float32', x!.shape, (i) => {
      const [row, column] = [Math.floor(i / width), i % width];
      return (
        rows &&
        (x!.data[i] - mean.data[row]) * deviation.data[row] * scale!.data[column] + (bias?.data[column] ?? 0)
      );
    });
    return [y, mean, deviation].slice(0, outputCount);
  },
  gradient: layerNormalizationGradient,
  cases: [
    {
      name: 'rows',
      inputs: [{ shape: [3, 8] }, { shape: [8] }, { shape: [8] }],
      build: ([x, scale, bias]) => layerNormalization(x, scale, bias, 1e-5),
    },
    {
      name: 'three axes',
      inputs: [{ shape: [2, 3, 4] }, { shape: [4] }, { shape: [4] }],
      build: ([x, scale, bias]) => layerNormalization(x, scale, bias, 1e-12),
    },
  ],
};

/**
 * With r = 1/deviation, m = mean, n = width, and a bar for the mean over a row: dx = r (g − ḡ − x̂ · mean(g
 * x̂)), g = dy · scale, x̂ = r (x − m).
 * It is computed from p = dy · x. The only passes over whole matrices are then p, the final sum, and
 * matrix–vector products, which are cheap; x̂ itself is never computed.
 */
function layerNormalizationGradient({
  inputs,
  outputs,
  outputGradients: [dyAny],
  wants,
}: GradientContext): readonly (Value | undefined)[] {
  if (dyAny === undefined) return [];
  const [xAny, scale, bias] = inputs as readonly Value[];
  const [, meanAny, deviationAny] = outputs;
  if (deviationAny === undefined)
    return refuse(
      'LayerNormalization',
      'must be built with its three outputs to be differentiated. Use layerNormalization().',
    );
  const width = xAny.shape[xAny.shape.length - 1] as number;
  const rows = (v: Value): Value =>
    v.shape.length === 2 ? v : reshape(v, [-1, v.shape[v.shape.length - 1]]);
  const [x, dy, m, r] = [xAny, dyAny, meanAny, deviationAny].map(rows);
  const p = mul(dy, x);
  const shift = mul(m, r);
  let dx: Value | undefined;
  if (wants[0]) {
    const weights = reshape(mul(scale, 1 / width), [width, 1]);
    const meanG = gemm(dy, weights);
    const meanGx = mul(r, sub(gemm(p, weights), mul(m, meanG))); // mean(g x̂)
    const slope = mul(mul(r, r), meanGx);
    const level = sub(mul(slope, m), mul(r, meanG));
    dx = add(mul(mul(dy, r), scale), add(mul(x, neg(slope)), level));
  }
  const dScale = wants[1]
    ? reshape(sub(gemm(r, p, undefined, { transA: true }), gemm(shift, dy, undefined, { transA: true })), [
        width,
      ])
    : undefined;
  const dBias = bias !== undefined && wants[2] ? sumTo(dy, [width]) : undefined;
  return [dx && reshapeLike(dx, xAny), dScale, dBias];
}
