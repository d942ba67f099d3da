import { float32, type Tensor } from '@overture/tensors';
import { rebuild } from './lower-graph.ts';
import type { Graph, GraphNode } from './graph.ts';
import { add } from './ops/add.ts';
import { cast } from './ops/cast.ts';
import { div } from './ops/div.ts';
import { dynamicQuantizeLinear } from './ops/dynamic-quantize-linear.ts';
import { gather } from './ops/gather.ts';
import { matMulInteger } from './ops/mat-mul-integer.ts';
import { max } from './ops/max.ts';
import { mul } from './ops/mul.ts';
import { neg } from './ops/neg.ts';
import { reduceMax } from './ops/reduce-max.ts';
import type { GraphBuilder, Value } from './value.ts';

/** Options of `quantizeGraph`. */
export interface QuantizeOptions {
  /**
   * Matrices with fewer elements stay float32: they take little time, and a classifier's head depends on
   * small differences. Default 16,384.
   */
  readonly leastElements?: number;
  /**
   * Granularity of the scales of inputs that are multiplied with weights: one for the whole input, or one per
   * row (Dettmers et al. 2022, arXiv:2208.07339, section 3.1).
   * A scale per row takes two more passes, but preserves the precision of tokens next to outliers and of
   * small gradients next to large ones. It is essential for Llama-type networks with outliers. Default `all`.
   */
  readonly scaleBy?: 'all' | 'row';
}

/**
 * Converts constant matrices to int8, about a quarter of the size. Weights of products have one scale per
 * output channel, and their inputs are quantized at run time. Tables that are read by rows have one scale per
 * row. The result has only standard ONNX operators, which onnxruntime fuses.
 * With a single scale for all rows of an input, a sequence's error depends slightly on the rest of its batch.
 * Run sequences separately where that matters.
 */
export function quantizeGraph(
  graph: Graph,
  { leastElements = 16_384, scaleBy = 'all' }: QuantizeOptions = {},
): Graph {
  const quantized = new Map<string, QuantizedMatrix>();
  const matrix = (
    builder: GraphBuilder,
    name: string | undefined,
    axis: Axis,
  ): QuantizedMatrix | undefined => {
    const tensor = graph.constants.get(name ?? '');
    if (
      tensor === undefined ||
      tensor.dtype !== 'float32' ||
      tensor.shape.length !== 2 ||
      tensor.data.length < leastElements
    )
      return undefined;
    const key = `${axis} of ${name}`;
    const known = quantized.get(key) ?? quantizeMatrix(builder, { name: key, tensor, axis });
    quantized.set(key, known);
    return known;
  };
  return rebuild(graph, (node, inputs) => {
    const [x, , bias] = inputs as readonly [Value, Value, Value | undefined];
    if (node.op === 'Gemm' && isPlainProduct(node)) {
      const weights = matrix(
        x.builder,
        node.inputs[1],
        node.attributes['transB'] === 1 ? 'rows, transposed' : 'columns',
      );
      return weights && [scaleBy === 'row' ? productByRow(x, weights, bias) : product(x, weights, bias)];
    }
    if (node.op === 'Gather' && (node.attributes['axis'] ?? 0) === 0) {
      const table = matrix(x.builder, node.inputs[0], 'rows');
      return (
        table && [mul(cast(gather(table.values, inputs[1]!), 'float32'), gather(table.scales, inputs[1]!))]
      );
    }
    return undefined;
  }).build();
}

/** The unit that has its own scale. */
type Axis = 'rows' | 'rows, transposed' | 'columns';

interface QuantizedMatrix {
  /** int8 [rows, columns] */
  readonly values: Value;
  /** float32 [rows, 1] or [columns] */
  readonly scales: Value;
}

/**
 * x · W + b: x is quantized as a whole, the product is exact in int32, and the result is rescaled by column.
 */
function product(x: Value, weights: QuantizedMatrix, bias: Value | undefined): Value {
  const { quantized, scale, zeroPoint } = dynamicQuantizeLinear(x);
  const scaled = mul(
    cast(matMulInteger(quantized, weights.values, zeroPoint), 'float32'),
    mul(weights.scales, scale),
  );
  return bias === undefined ? scaled : add(scaled, bias);
}

/**
 * Scales every row to a largest magnitude of 1 before the rows are quantized together, and back after the
 * product.
 */
function productByRow(x: Value, weights: QuantizedMatrix, bias: Value | undefined): Value {
  const largest = max(
    reduceMax(x, { axes: [-1], keepDims: true }),
    reduceMax(neg(x), { axes: [-1], keepDims: true }),
  );
  const magnitude = max(largest, 1e-30); // rows of zeros stay zero
  const scaled = mul(product(div(x, magnitude), weights, undefined), magnitude);
  return bias === undefined ? scaled : add(scaled, bias);
}

function isPlainProduct({ attributes }: GraphNode): boolean {
  return (
    (attributes['transA'] ?? 0) === 0 && (attributes['alpha'] ?? 1) === 1 && (attributes['beta'] ?? 1) === 1
  );
}

// Symmetric, 7 bits. On processors without VNNI, onnxruntime adds pairs of products in 16 bits, and 2 · 255 ·
// 127 would overflow. With 7 bits every machine computes the same integers.
const levels = 63;

function quantizeMatrix(
  builder: GraphBuilder,
  { name, tensor, axis }: { name: string; tensor: Tensor; axis: Axis },
): QuantizedMatrix {
  const [rows, columns] = tensor.shape as readonly [number, number];
  const data = tensor.data as Float32Array;
  const byColumn = axis === 'columns';
  const scales = new Float32Array(byColumn ? columns : rows);
  for (let i = 0; i < data.length; i++) {
    const channel = byColumn ? i % columns : Math.floor(i / columns);
    scales[channel] = Math.max(scales[channel] as number, Math.abs(data[i] as number) / levels);
  }
  const values = new Int8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const scale = scales[byColumn ? column : row] as number;
    values[axis === 'rows, transposed' ? column * rows + row : i] =
      scale === 0 ? 0 : Math.round((data[i] as number) / scale);
  }
  const shape = axis === 'rows, transposed' ? [columns, rows] : [rows, columns];
  return {
    values: builder.constant({ dtype: 'int8', shape, data: values }, `${name}, int8`),
    scales: builder.constant(
      float32(axis === 'rows' ? [rows, 1] : [scales.length], scales),
      `${name}, scales`,
    ),
  };
}
