import { float32 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from './builder.ts';
import { add } from './ops/add.ts';
import { concat } from './range-builders.ts';
import { gemm } from './ops/gemm.ts';
import { mul } from './ops/mul.ts';
import { reshape, reshapeLike } from './ops/reshape.ts';
import { slice } from './range-builders.ts';
import { transpose } from './ops/transpose.ts';

describe('graphBuilder', () => {
  it('computes equal expressions once and leaves out what no output needs', () => {
    const builder = graphBuilder('g');
    const x = builder.input('x', 'float32', ['rows', 2]);
    expect(mul(x, 2)).toBe(mul(x, 2));
    add(x, 7);
    builder.output('y', add(mul(x, 2), mul(x, 2)));
    const graph = builder.build();
    expect(graph.nodes.map(({ op, outputs }) => [op, ...outputs])).toEqual([
      ['Mul', 'Mul'],
      ['Add', 'y'],
    ]);
    expect(graph.constants.size).toBe(1);
    expect(graph.types.get('y')).toEqual({ dtype: 'float32', shape: ['rows', 2], contents: undefined });
  });

  it('names values by scope and gives outputs their names, twice if need be', () => {
    const builder = graphBuilder('g');
    const x = builder.input('x', 'float32', [2]);
    const y = builder.scope('layer', () => builder.scope('1', () => add(x, x)));
    expect(y.name).toBe('layer/1/Add');
    builder.output('a', y);
    builder.output('b', y);
    builder.output('same', x);
    expect(
      builder.build().nodes.map(({ op, inputs, outputs }) => [op, inputs.join(), outputs.join()]),
    ).toEqual([
      ['Add', 'x,x', 'a'],
      ['Identity', 'a', 'b'],
      ['Identity', 'x', 'same'],
    ]);
  });

  it('refuses names taken twice, foreign values, graphs without outputs', () => {
    const builder = graphBuilder('g');
    const x = builder.input('x', 'float32', [2]);
    expect(() => builder.parameter('x', [1])).toThrow('must have different names. Got "x" twice.');
    expect(() => add(x, graphBuilder('other').input('z', 'float32', [2]))).toThrow(
      'Add in graph g must get values of that graph. Got "z" of another.',
    );
    expect(() => builder.build()).toThrow(
      'Graph g must have an output. Call builder.output(name, value) first.',
    );
    expect(() => builder.apply('Nonsense', [x])).toThrow(
      'An operator must be in the table of libs/graph. Got "Nonsense" instead',
    );
  });

  it('says what does not fit', () => {
    const builder = graphBuilder('g');
    const [x, n] = [builder.input('x', 'float32', ['rows', 3]), builder.input('n', 'int64', [3])];
    expect(() => add(x, builder.input('y', 'float32', ['columns', 3]))).toThrow(
      'Add must get shapes that broadcast. Got [rows, 3] and [columns, 3] instead.',
    );
    expect(() => add(x, n)).toThrow(
      'Add must get operands of one element type. Got float32 and int64 instead.',
    );
    expect(() => gemm(x, builder.constant(float32([4, 2])))).toThrow(
      'Gemm must get shapes that multiply. Got [rows, 3] and [4, 2] instead.',
    );
    expect(() => transpose(x, [0, 0])).toThrow(
      'Transpose must get a permutation of 2 axes. Got [0, 0] instead.',
    );
    expect(() => reshape(x, [7, -1])).toThrow(
      'Reshape must keep the number of elements. Got [rows, 3] to [7, -1] instead.',
    );
  });

  it('carries named lengths through reshaping, slicing and joining', () => {
    const builder = graphBuilder('g');
    const x = builder.input('x', 'float32', ['n', 'l', 6]);
    const flat = reshape(x, [-1, 6]);
    expect(flat.shape).toEqual(['l*n', 6]);
    expect(reshape(x, ['n', 'l', 2, 3]).shape).toEqual(['n', 'l', 2, 3]);
    expect(reshapeLike(flat, x).shape).toEqual(['n', 'l', 6]);
    expect(slice(x, 1, 0, 1).shape).toEqual(['n', 1, 6]);
    expect(slice(flat, 0, -3).shape).toEqual([3, 6]);
    expect(concat([flat, builder.input('y', 'float32', ['t', 6])], 0).shape).toEqual(['(l*n+t)', 6]);
    expect(() => reshape(flat, ['n', 'l', 6])).toThrow('use reshapeLike');
    expect(() => slice(flat, 0, 1, -1)).toThrow('Count both ends from the same side.');
  });
});
