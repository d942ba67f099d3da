import { float32 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from './builder.ts';
import { assertSound, checkGraph } from './check-graph.ts';
import type { Graph } from './graph.ts';
import { gemm } from './ops/gemm.ts';
import { reshape } from './ops/reshape.ts';
import { printGraph } from './print-graph.ts';

function sample(): Graph {
  const builder = graphBuilder('sample');
  const x = builder.input('x', 'float32', ['rows', 4]);
  const w = builder.parameter('w', [4, 2]);
  builder.output('y', reshape(gemm(x, w, builder.constant(float32([2], [0.5, -1]))), ['rows', 2, 1]));
  return builder.build();
}

describe('checkGraph', () => {
  it('finds nothing wrong with what the builder makes', () => {
    expect(checkGraph(sample())).toEqual([]);
  });

  it('collects all problems', () => {
    const graph = sample();
    const broken: Graph = {
      ...graph,
      constants: new Map([
        ...graph.constants,
        ['short', { dtype: 'int64', shape: [3], data: BigInt64Array.of(1n) }],
      ]),
      types: new Map([
        ...graph.types,
        ['short', { dtype: 'int64', shape: [3] }],
        ['Gemm', { dtype: 'float32', shape: [5, 5] }],
      ]),
      nodes: [
        { op: 'Nonsense', name: 'n', inputs: ['x'], outputs: ['z'], attributes: {} },
        ...graph.nodes,
        { op: 'Add', name: 'late', inputs: ['x', 'later'], outputs: ['x'], attributes: {} },
        { op: 'Softmax', name: 's', inputs: ['x'], outputs: ['p'], attributes: { axes: [1] } },
        { op: 'Neg', name: 'two', inputs: ['x', 'w'], outputs: ['q'], attributes: {} },
      ],
      outputs: ['y', 'nowhere'],
    };
    const problems = checkGraph(broken).join('\n');
    expect(problems).toContain('constants: "short" of shape [3] holds 1 elements.');
    expect(problems).toContain('node n: operator Nonsense is not in the table.');
    expect(problems).toContain(
      'node Gemm: "Gemm" is said to be float32 [5, 5], and comes out as float32 [rows, 2].',
    );
    expect(problems).toContain('node late: input "later" is not defined before it.');
    expect(problems).toContain('node late: "x" is defined twice.');
    expect(problems).toContain('node s: Softmax has no attribute "axes".');
    expect(problems).toContain('node two: Neg takes 1 inputs, got 2.');
    expect(problems).toContain('outputs: "nowhere" is not defined.');
    expect(() => assertSound(broken)).toThrow(/Graph sample must be sound\. It has \d+ problems:\n- /);
  });

  it('passes on what inference says', () => {
    const graph = sample();
    const types = new Map([...graph.types, ['w', { dtype: 'float32', shape: [3, 2] } as const]]);
    expect(checkGraph({ ...graph, types })).toEqual([
      'node Gemm: Gemm must get shapes that multiply. Got [rows, 4] and [3, 2] instead.',
    ]);
  });
});

describe('printGraph', () => {
  it('prints one line a node, short constants in place', () => {
    expect(printGraph(sample())).toBe(
      [
        'graph sample',
        '  input x: float32 [rows, 4]',
        '  parameter w: float32 [4, 2]',
        '  Gemm: float32 [rows, 2] = Gemm(x, w, [0.5 -1]) {transA: 0, transB: 0, alpha: 1}',
        '  y: float32 [rows, 2, 1] = Reshape(Gemm, [0 2 1])',
        '  return y',
        '',
      ].join('\n'),
    );
  });
});
