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

export interface QuantizeOptions {
  /** Matrices with fewer elements stay float32: they cost nothing, and a classifier's head decides by small differences. Default 16,384. */
  readonly leastElements?: number;
  /**
   * What gets a scale of its own among what is multiplied with weights: all of it together, or every row (Dettmers et al. 2022,
   * arXiv:2208.07339, section 3.1). By row costs two more passes over it, and neither a token with outliers nor small gradients beside large ones
   * lose their digits; with outliers in Llama-type networks it decides. Default `all`.
   */
  readonly scaleBy?: 'all' | 'row';
}

/**
 * The same computation with constant matrices in int8, about a quarter of the size. Weights of products have a scale per output
 * channel, and what they are multiplied with is quantised when the graph runs; tables that are read by row have a scale per row.
 * Standard ONNX operators only, which onnxruntime fuses. With one scale for all rows of what is fed to a product the error
 * for a sequence depends a little on what else is in its batch: run sequences alone where results must not.
 */
export function quantizeGraph(graph: Graph, { leastElements = 16_384, scaleBy = 'all' }: QuantizeOptions = {}): Graph {
  const quantized = new Map<string, QuantizedMatrix>();
  const matrix = (builder: GraphBuilder, name: string | undefined, axis: Axis): QuantizedMatrix | undefined => {
    const tensor = graph.constants.get(name ?? '');
    if (tensor === undefined || tensor.dtype !== 'float32' || tensor.shape.length !== 2 || tensor.data.length < leastElements) return undefined;
    const key = `${axis} of ${name}`;
    const known = quantized.get(key) ?? quantizeMatrix(builder, { name: key, tensor, axis });
    quantized.set(key, known);
    return known;
  };
  return rebuild(graph, (node, inputs) => {
    const [x, , bias] = inputs as readonly [Value, Value, Value | undefined];
    if (node.op === 'Gemm' && isPlainProduct(node)) {
      const weights = matrix(x.builder, node.inputs[1], node.attributes['transB'] === 1 ? 'rows, transposed' : 'columns');
      return weights && [scaleBy === 'row' ? productByRow(x, weights, bias) : product(x, weights, bias)];
    }
    if (node.op === 'Gather' && (node.attributes['axis'] ?? 0) === 0) {
      const table = matrix(x.builder, node.inputs[0], 'rows');
      return table && [mul(cast(gather(table.values, inputs[1]!), 'float32'), gather(table.scales, inputs[1]!))];
    }
    return undefined;
  }).build();
}

/** What has a scale of its own. */
type Axis = 'rows' | 'rows, transposed' | 'columns';

interface QuantizedMatrix {
  /** int8 [rows, columns] */
  readonly values: Value;
  /** float32 [rows, 1] or [columns] */
  readonly scales: Value;
}

/** x · W + b: x quantised as a whole, the product exact in int32, scaled back by column. */
function product(x: Value, weights: QuantizedMatrix, bias: Value | undefined): Value {
  const { quantized, scale, zeroPoint } = dynamicQuantizeLinear(x);
  const scaled = mul(cast(matMulInteger(quantized, weights.values, zeroPoint), 'float32'), mul(weights.scales, scale));
  return bias === undefined ? scaled : add(scaled, bias);
}

/** Every row is brought to a largest magnitude of 1 before it is quantised together with the others, and back after the product. */
function productByRow(x: Value, weights: QuantizedMatrix, bias: Value | undefined): Value {
  const largest = max(reduceMax(x, { axes: [-1], keepDims: true }), reduceMax(neg(x), { axes: [-1], keepDims: true }));
  const magnitude = max(largest, 1e-30); // a row of zeros stays one
  const scaled = mul(product(div(x, magnitude), weights, undefined), magnitude);
  return bias === undefined ? scaled : add(scaled, bias);
}

function isPlainProduct({ attributes }: GraphNode): boolean {
  return (attributes['transA'] ?? 0) === 0 && (attributes['alpha'] ?? 1) === 1 && (attributes['beta'] ?? 1) === 1;
}

// Symmetric, 7 bits: on processors without VNNI onnxruntime adds pairs of products in 16 bits, and 2 · 255 · 127 would not fit. So every
// machine computes the same integers.
const levels = 63;

function quantizeMatrix(builder: GraphBuilder, { name, tensor, axis }: { name: string; tensor: Tensor; axis: Axis }): QuantizedMatrix {
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
    values[axis === 'rows, transposed' ? column * rows + row : i] = scale === 0 ? 0 : Math.round((data[i] as number) / scale);
  }
  const shape = axis === 'rows, transposed' ? [columns, rows] : [rows, columns];
  return {
    values: builder.constant({ dtype: 'int8', shape, data: values }, `${name}, int8`),
    scales: builder.constant(float32(axis === 'rows' ? [rows, 1] : [scales.length], scales), `${name}, scales`),
  };
}
