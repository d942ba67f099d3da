import { readFileSync } from 'node:fs';
import { float32, int64, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from '../builder.ts';
import { checkGraph } from '../check-graph.ts';
import { evaluate } from '../evaluate.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { lowerGraph } from '../lower-graph.ts';
import { importOnnx } from '../onnx/import-onnx.ts';
import { gather } from '../ops/gather.ts';
import { gemm } from '../ops/gemm.ts';
import { relu } from '../ops/relu.ts';
import { reshape } from '../ops/reshape.ts';
import { sliceLike } from '../range-builders.ts';
import { transpose } from '../ops/transpose.ts';
import { optimize } from '../optimize.ts';
import { opTable } from '../table.ts';
import { forwardGraph, gradientGraph } from '../testing/case-graph.ts';
import { dropIdle } from './drop-idle.ts';
import { foldConstants } from './fold-constants.ts';
import { mergeEqual } from './merge-equal.ts';

const passes = { foldConstants, dropIdle, mergeEqual, optimize };

/** The graphs of all operator cases, with random inputs: forward, and with gradients. */
const cases = opTable.flatMap((row) =>
  row.cases.flatMap((opCase) =>
    [forwardGraph(opCase), gradientGraph(opCase)].flatMap((made) =>
      made === undefined
        ? []
        : [{ name: `${row.name}, ${opCase.name}`, graph: lowerGraph(made.graph), feeds: made.feeds }],
    ),
  ),
);

function expectSame(before: Graph, after: Graph, feeds: Readonly<Record<string, Tensor>>): void {
  expect(checkGraph(after)).toEqual([]);
  expect([after.inputs, after.outputs]).toEqual([before.inputs, before.outputs]);
  expect(after.nodes.length).toBeLessThanOrEqual(before.nodes.length);
  const [expected, got] = [evaluate(before, feeds), evaluate(after, feeds)];
  for (const name of before.outputs) expect(got[name], name).toEqual(expected[name]);
}

describe.each(Object.entries(passes))('%s', (_, pass) => {
  it(`changes no result of ${cases.length} graphs`, () => {
    expect(cases.length).toBeGreaterThan(300);
    for (const { graph, feeds } of cases) expectSame(graph, pass(graph), feeds);
  });

  it('finds nothing more in its own result', () => {
    for (const { graph } of cases) expect(pass(pass(graph)).nodes).toEqual(pass(graph).nodes);
  });
});

const ops = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op);
const x32 = (shape: number[]): Tensor =>
  float32(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i + 1)),
  );

describe('foldConstants', () => {
  it('computes lists that are known, and leaves weights alone', () => {
    const builder = graphBuilder('g');
    const table = builder.constant(int64([4], [3, 1, 2, 0]), 'table');
    const places = gather(table, builder.constant(int64([2], [1, 3]), 'which'));
    const weight = builder.constant(x32([2, 3]), 'weight');
    builder.output('y', gemm(gather(builder.input('x', 'float32', [4, 2]), places), reshape(weight, [2, 3])));
    builder.output('z', transpose(weight, [1, 0]));
    builder.output('turned', relu(transpose(weight, [1, 0])));
    const graph = builder.build();
    expect(ops(graph)).toEqual(['Gather', 'Gather', 'Gemm', 'Transpose', 'Relu']);
    const folded = foldConstants(graph);
    expect(ops(folded)).toEqual(['Gather', 'Gemm', 'Transpose', 'Relu']);
    expectSame(graph, folded, { x: x32([4, 2]) });
  });

  it('knows the length of a value whose shape is known', () => {
    const builder = graphBuilder('g');
    builder.output(
      'y',
      sliceLike(builder.input('x', 'float32', [5, 2]), 0, builder.input('like', 'float32', [3, 1]), 0),
    );
    const folded = foldConstants(builder.build());
    expect(ops(folded)).toEqual(['Slice']);
    expectSame(builder.build(), folded, { x: x32([5, 2]), like: x32([3, 1]) });
  });
});

describe('mergeEqual', () => {
  const node = (
    op: string,
    name: string,
    inputs: string[],
    attributes: GraphNode['attributes'] = {},
  ): GraphNode => ({ op, name, inputs, outputs: [name], attributes });
  const type = { dtype: 'float32', shape: [3] } as const;

  it('computes every expression once, through what is equal before it', () => {
    const nodes = [
      node('Relu', 'a', ['x']),
      node('Relu', 'b', ['x']),
      node('Mul', 'c', ['a', 'one']),
      node('Mul', 'd', ['b', 'uno']),
      node('Add', 'y', ['c', 'd']),
      node('Relu', 'z', ['x']),
    ];
    const constants = new Map([
      ['one', float32([], [2])],
      ['uno', float32([], [2])],
    ]);
    const types = new Map<string, { dtype: 'float32'; shape: readonly number[] }>([
      ...['x', 'a', 'b', 'c', 'd', 'y', 'z'].map((name) => [name, type] as const),
      ['one', { dtype: 'float32', shape: [] }],
      ['uno', { dtype: 'float32', shape: [] }],
    ]);
    const graph: Graph = {
      name: 'g',
      inputs: [{ name: 'x', kind: 'input' }],
      constants,
      nodes,
      outputs: ['y', 'z'],
      types,
    };
    const merged = mergeEqual(graph);
    expect(merged.nodes.map(({ name }) => name)).toEqual(['a', 'c', 'y', 'z']); // an output keeps its name
    expect([...merged.constants.keys()]).toEqual(['one']);
    expectSame(graph, merged, { x: x32([3]) });
  });

  it('keeps weights apart that happen to be equal, and attributes that differ', () => {
    const nodes = [
      node('Add', 'a', ['x', 'first']),
      node('Add', 'b', ['x', 'second']),
      node('Softmax', 'c', ['a'], { axis: 0 }),
      node('Softmax', 'd', ['a'], { axis: -1 }),
      node('Mul', 'e', ['b', 'c']),
      node('Mul', 'y', ['e', 'd']),
    ];
    const constants = new Map([
      ['first', x32([3])],
      ['second', x32([3])],
    ]);
    const types = new Map(
      ['x', 'a', 'b', 'c', 'd', 'e', 'y', 'first', 'second'].map((name) => [name, type] as const),
    );
    const graph: Graph = {
      name: 'g',
      inputs: [{ name: 'x', kind: 'input' }],
      constants,
      nodes,
      outputs: ['y'],
      types,
    };
    expect(mergeEqual(graph).nodes).toEqual(nodes);
  });
});

describe('dropIdle', () => {
  it('leaves out what changes nothing, and keeps what does', () => {
    const builder = graphBuilder('g');
    const x = builder.input('x', 'float32', ['rows', 4]);
    const idle = builder.apply('Identity', [
      builder.apply('Cast', [builder.apply('Transpose', [x], { perm: [0, 1] })[0]!], { to: 1 })[0]!,
    ])[0]!;
    const square = builder.input('square', 'float32', [4, 4]);
    builder.output('y', gemm(relu(idle), transpose(square, [1, 0])));
    const dropped = dropIdle(builder.build());
    expect(ops(dropped)).toEqual(['Relu', 'Transpose', 'Gemm']);
    expectSame(builder.build(), dropped, { x: x32([2, 4]), square: x32([4, 4]) });
  });
});

describe('optimize', () => {
  // `optimize` is part of importOnnx; import-onnx.test.ts compares logits and gradients with PyTorch's
  it.each([
    ['bert', 54],
    ['distilbert', 76],
  ] as const)(
    'has shortened what PyTorch exported of a %s from %i nodes, and finds nothing more',
    (name, without) => {
      const graph = importOnnx(
        new Uint8Array(readFileSync(new URL(`../reference/${name}.onnx`, import.meta.url))),
        name,
        { lengths: { batch_size: 2, sequence_length: 5 } },
      );
      expect(graph.nodes.length).toBeLessThan(without);
      const feeds = {
        input_ids: int64([2, 5], [3, 5, 7, 2, 4, 1, 6, 8, 3, 2]),
        attention_mask: int64(
          [2, 5],
          Array.from({ length: 10 }, () => 1),
        ),
        token_type_ids: int64([2, 5]),
      };
      expectSame(graph, optimize(graph), feeds);
      expect(optimize(graph).nodes).toEqual(graph.nodes);
    },
  );
});
