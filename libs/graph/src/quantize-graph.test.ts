import { counterRandom } from '@overture/core';
import { elementCount, float32, int64, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from './builder.ts';
import { checkGraph } from './check-graph.ts';
import { evaluate } from './evaluate.ts';
import type { Graph } from './graph.ts';
import { decodeOnnx } from './onnx/decode-onnx.ts';
import { encodeOnnx } from './onnx/encode-onnx.ts';
import { gather } from './ops/gather.ts';
import { gemm } from './ops/gemm.ts';
import { quantizeGraph } from './quantize-graph.ts';

function drawn(name: string, shape: readonly number[]): Tensor {
  const random = counterRandom(5, name);
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => random.normal(i)),
  );
}

/** Rows of a table times two matrices, one of them stored transposed, and a small head. */
function network(): Graph {
  const builder = graphBuilder('network');
  const ids = builder.input('ids', 'int64', ['rows']);
  const x = gather(builder.constant(drawn('table', [9, 32]), 'table'), ids);
  const y = gemm(x, builder.constant(drawn('w', [48, 32]), 'w'), builder.constant(drawn('b', [48]), 'b'), {
    transB: true,
  });
  const z = gemm(y, builder.constant(drawn('v', [48, 16]), 'v'));
  builder.output('z', gemm(z, builder.constant(drawn('head', [16, 2]), 'head')));
  return builder.build();
}

describe('quantizeGraph', () => {
  const exact = network();
  const quantized = quantizeGraph(exact, { leastElements: 200 });
  const feeds = { ids: int64([6], [0, 3, 8, 8, 1, 5]) };

  it('replaces large constant matrices, each by bytes and its scales, and leaves the head', () => {
    expect(checkGraph(quantized)).toEqual([]);
    expect(
      [...quantized.constants].flatMap(([name, { dtype, shape }]) =>
        dtype === 'int8' ? [[name, shape]] : [],
      ),
    ).toEqual([
      ['rows of table, int8', [9, 32]],
      ['rows, transposed of w, int8', [32, 48]],
      ['columns of v, int8', [48, 16]],
    ]);
    expect(quantized.nodes.filter(({ op }) => op === 'MatMulInteger')).toHaveLength(2);
    expect(quantized.nodes.filter(({ op }) => op === 'Gemm')).toHaveLength(1);
    expect(quantized.constants.has('w')).toBe(false);
  });

  it('computes nearly the same', () => {
    const [wanted, got] = [exact, quantized].map((graph) => evaluate(graph, feeds)['z'].data as Float32Array);
    const norm = (of: (i: number) => number): number =>
      Math.sqrt(wanted.reduce((sum, _, i) => sum + of(i) ** 2, 0));
    const error = norm((i) => got[i] - wanted[i]) / norm((i) => wanted[i]);
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.05); // seven bits per weight, three times in a row
  });

  it('by row, spares small rows what large ones would cost them', () => {
    const builder = graphBuilder('outlier');
    builder.output(
      'y',
      gemm(
        builder.input('x', 'float32', ['rows', 32]),
        builder.constant(drawn('w', [32, 16]), 'w'),
        builder.constant(drawn('b', [16]), 'b'),
      ),
    );
    const x = drawn('x', [4, 32]);
    (x.data as Float32Array).fill(0, 96); // a row of zeros
    for (let i = 0; i < 32; i++) (x.data as Float32Array)[i] *= 1000;
    const graph = builder.build();
    const [exact, byAll, byRow] = [
      graph,
      quantizeGraph(graph, { leastElements: 1 }),
      quantizeGraph(graph, { leastElements: 1, scaleBy: 'row' }),
    ].map((each) => evaluate(each, { x })['y'].data as Float32Array);
    const error = (of: Float32Array, row: number): number =>
      Math.max(
        ...[...of.subarray(16 * row, 16 * row + 16)].map((value, i) => Math.abs(value - exact[16 * row + i])),
      );
    expect(error(byAll, 1)).toBeGreaterThan(1);
    expect(error(byRow, 1)).toBeLessThan(0.2);
    expect(error(byRow, 3)).toBeLessThan(1e-6); // only the bias
  });

  it('keeps every weight within half a step, the largest of a channel at 63, and zeros', () => {
    const builder = graphBuilder('g');
    const w = float32([2, 3], [1, -0.5, 0.251, 0, 0, 0]);
    builder.output(
      'y',
      gemm(builder.input('x', 'float32', [1, 3]), builder.constant(w, 'w'), undefined, { transB: true }),
    );
    const { constants } = quantizeGraph(builder.build(), { leastElements: 1 });
    expect([...constants.get('rows, transposed of w, int8')!.data]).toEqual([63, 0, -31, 0, 16, 0]);
    expect([...constants.get('rows, transposed of w, scales')!.data]).toEqual([Math.fround(1 / 63), 0]);
  });

  it('leaves graphs alone that have nothing to quantize, and survives the codec', () => {
    expect(quantizeGraph(exact, { leastElements: 1e6 }).nodes).toEqual(exact.nodes);
    const decoded = decodeOnnx(encodeOnnx(quantized), 'quantized');
    expect(evaluate(decoded, feeds)).toEqual(evaluate(quantized, feeds));
  });
});
