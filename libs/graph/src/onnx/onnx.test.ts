import { float32, int64 } from '@overture/tensors';
import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { checkGraph } from '../check-graph.ts';
import { evaluate } from '../evaluate.ts';
import type { Graph } from '../graph.ts';
import { gatherRows } from '../ops/gather-rows.ts';
import { gemm } from '../ops/gemm.ts';
import { layerNormalization } from '../ops/layer-normalization.ts';
import { transpose } from '../ops/transpose.ts';
import { opTable } from '../table.ts';
import { forwardGraph } from '../testing/case-graph.ts';
import { decodeOnnx } from './decode-onnx.ts';
import { encodeOnnx } from './encode-onnx.ts';

function sample(): Graph {
  const builder = graphBuilder('sample');
  const x = builder.input('x', 'float32', ['rows', 3]);
  const index = builder.input('index', 'int64', [2]);
  const inverse = builder.input('inverse', 'int64', ['rows']);
  const w = builder.parameter('w', [3, 3]);
  const ones = builder.constant(float32([3], [1, 1, 1]), 'scale');
  const rows = gatherRows(gemm(x, w, undefined, { transB: true, alpha: 0.5 }), index, inverse);
  builder.output('y', transpose(layerNormalization(rows, ones, ones, 1e-3), [1, 0]));
  return builder.build();
}

const feeds = {
  x: float32([3, 3], [1, 2, 3, -4, 5, 6, 7, -8, 9]),
  index: int64([2], [2, -1]),
  inverse: int64([3], [-1, -1, 0]),
  w: float32([3, 3], [0.1, 0.2, 0.3, -0.4, 0.5, 0.6, 0.7, 0.8, -0.9]),
};

describe('the ONNX codec', () => {
  it('gives back a sound graph that computes the same, own operators lowered', () => {
    const decoded = decodeOnnx(encodeOnnx(sample()), 'sample.onnx');
    expect(checkGraph(decoded)).toEqual([]);
    expect(decoded.inputs).toEqual(sample().inputs);
    expect(decoded.nodes.map(({ op }) => op)).not.toContain('GatherRows');
    expect(decoded.types.get('y')?.shape).toEqual([3, 2]);
    const [got, expected] = [evaluate(decoded, feeds)['y'], evaluate(sample(), feeds)['y']];
    expect(got.shape).toEqual(expected.shape);
    got.data.forEach((value, i) => expect(Number(value)).toBeCloseTo(Number(expected.data[i]), 5));
  });

  it('writes equal bytes for equal graphs, and again what it read', () => {
    const bytes = encodeOnnx(sample());
    expect(encodeOnnx(sample())).toEqual(bytes);
    expect(encodeOnnx(decodeOnnx(bytes, 'x'))).toEqual(bytes);
  });

  it.each(
    opTable.flatMap((row) => row.cases.map((opCase) => [`${row.name}, ${opCase.name}`, opCase] as const)),
  )('carries %s', (_, opCase) => {
    const { graph, feeds: fed } = forwardGraph(opCase);
    const decoded = decodeOnnx(encodeOnnx(graph), 'case');
    for (const [name, expected] of Object.entries(evaluate(graph, fed))) {
      const got = evaluate(decoded, fed)[name];
      expect(got.shape).toEqual(expected.shape);
      got.data.forEach((value, i) => expect(Number(value)).toBeCloseTo(Number(expected.data[i]), 5));
    }
  });

  it('gives typed errors, and nothing else, on damaged files', () => {
    const bytes = encodeOnnx(sample());
    const random = counterRandom(5, 'damage');
    for (let round = 0; round < 500; round++) {
      const damaged = bytes.slice();
      for (let k = 0; k < 3; k++)
        damaged[random.below(round * 6 + k, damaged.length)] = random.below(round * 6 + 3 + k, 256);
      try {
        decodeOnnx(damaged, 'damaged.onnx');
      } catch (thrown) {
        expect(thrown).toMatchObject({ name: 'AppError', retryable: false });
      }
    }
    expect(() => decodeOnnx(bytes.slice(0, 40), 'cut.onnx')).toThrow('cut.onnx must be an ONNX file');
    expect(() => decodeOnnx(new Uint8Array(), 'empty.onnx')).toThrow(
      'empty.onnx must be an ONNX file that this library understands: it holds no graph.',
    );
  });
});
