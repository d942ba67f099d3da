import { float32, int64 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { graphBuilder } from './builder.ts';
import { evaluate } from './evaluate.ts';
import { add } from './ops/add.ts';
import { cast } from './ops/cast.ts';
import { gather } from './ops/gather.ts';
import { gemm } from './ops/gemm.ts';
import { mul } from './ops/mul.ts';
import { reduceSum } from './ops/reduce-sum.ts';
import { relu } from './ops/relu.ts';
import { opNamed } from './table.ts';
import { withGradients } from './with-gradients.ts';

describe('withGradients', () => {
  it('adds up what reaches a parameter on several paths', () => {
    const builder = graphBuilder('g');
    const w = builder.parameter('w', [2]);
    const loss = reduceSum(add(mul(w, w), mul(w, 3))); // Σ w² + 3w
    const [gradient] = withGradients(loss, [w]);
    if (gradient.kind === 'dense') builder.output('dw', gradient.value);
    expect([...evaluate(builder.build(), { w: float32([2], [1, -2]) })['dw'].data]).toEqual([5, -1]);
  });

  it('gives the gradient of a table as rows, beside a dense one when it is used both ways', () => {
    const builder = graphBuilder('g');
    const table = builder.parameter('table', [4, 2]);
    const rows = gather(table, builder.input('ids', 'int64', ['tokens']));
    const [rowsOnly] = withGradients(reduceSum(mul(rows, rows)), [table]);
    expect(rowsOnly.kind).toBe('rows');
    const tied = reduceSum(gemm(rows, table, undefined, { transB: true }));
    const [mixed] = withGradients(tied, [table]);
    if (mixed.kind !== 'mixed') throw new Error(`mixed was expected, got ${mixed.kind}`);
    builder.output('dense', mixed.value);
    builder.output('indices', mixed.parts[0].indices);
    builder.output('rows', mixed.parts[0].values);
    const got = evaluate(builder.build(), {
      table: float32([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
      ids: int64([3], [3, 0, 3]),
    });
    expect(got['indices']).toEqual(int64([3], [3, 0, 3]));
    expect([...got['rows'].data]).toEqual([16, 20, 16, 20, 16, 20]); // column sums of the table
    expect([...got['dense'].data]).toEqual([15, 18, 15, 18, 15, 18, 15, 18]); // sum of the rows read
  });

  it('computes nothing for frozen parameters', () => {
    const nodesFor = (names: readonly string[]): number => {
      const builder = graphBuilder('g');
      const x = builder.input('x', 'float32', ['rows', 3]);
      const [first, second] = [builder.parameter('first', [3, 3]), builder.parameter('second', [3, 3])];
      const loss = reduceSum(gemm(relu(gemm(x, first)), second));
      builder.output('loss', loss);
      withGradients(
        loss,
        [first, second].filter(({ name }) => names.includes(name)),
      ).forEach((gradient) => {
        if (gradient.kind === 'dense') builder.output(`d ${gradient.parameter.name}`, gradient.value);
      });
      return builder.build().nodes.filter(({ op }) => op === 'Gemm').length;
    };
    expect(nodesFor(['second'])).toBe(3); // two products forward, one back
    expect(nodesFor(['first', 'second'])).toBe(5);
  });

  it('names the operator without a rule and the path to it', () => {
    const builder = graphBuilder('g');
    const w = builder.parameter('w', [2]);
    const loss = reduceSum(mul(builder.apply('Cast', [w], { to: 1 })[0], 2));
    expect(opNamed('Cast').gradient).toBeUndefined();
    expect(() => withGradients(loss, [w])).toThrow(
      'Cast has no gradient rule. It lies on the path loss ← ReduceSum (ReduceSum) ← Mul (Mul) ← Cast (Cast): add a rule',
    );
  });

  it('refuses a loss that is no number, a parameter without part in it, rows of a computed value', () => {
    const builder = graphBuilder('g');
    const [w, v] = [builder.parameter('w', [2, 2]), builder.parameter('v', [2])];
    expect(() => withGradients(mul(w, 2), [w])).toThrow(
      'A loss must be one float32 number. Got float32 [2, 2] instead: reduce it',
    );
    expect(() => withGradients(reduceSum(w), [w, v])).toThrow('Got "v", on which it does not: leave it out.');
    expect(() => withGradients(reduceSum(cast(cast(w, 'int64'), 'float32')), [w])).toThrow(
      'Got "w", on which it does not',
    );
    const computed = gather(mul(w, 2), builder.input('ids', 'int64', [3]));
    expect(() => withGradients(reduceSum(computed), [w])).toThrow(
      'Gather can give its gradient as rows to a parameter only. Got the computed value "Mul" on the path loss ← ReduceSum (ReduceSum.2) ← Gather (Gather): use gatherRows.',
    );
  });
});
