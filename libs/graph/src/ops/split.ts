import { normalAxis } from '../dims.ts';
import { listLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { concat } from '../range-builders.ts';
import { zerosLike } from './expand.ts';

/** Splits x along an axis into parts of these sizes. */
export function split(x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  return x.builder.apply(
    'Split',
    [x, listLike(x, sizes)],
    { axis: normalAxis(axis, x.shape.length) },
    sizes.length,
  );
}

/** Operator row of `Split`. */
export const splitOp: OpRow = {
  name: 'Split',
  domain: '',
  exact: true,
  attributes: { axis: 'int' },
  arity: [2, 2],
  infer: ([x, sizes], attributes, outputCount) => {
    const axis = normalAxis((attributes['axis'] as number | undefined) ?? 0, x!.shape.length);
    const parts = sizes!.contents;
    if (parts === undefined || parts.length !== outputCount)
      return refuse(
        'Split',
        `must get ${outputCount} known sizes. Got ${parts?.length ?? 'computed ones'} instead.`,
      );
    const total = x!.shape[axis];
    const sum = parts.reduce<number>((all, part) => (typeof part === 'number' ? all + part : NaN), 0);
    if (typeof total === 'number' && !Number.isNaN(sum) && sum !== total)
      refuse('Split', `must get sizes that add up to ${total}. Got ${parts.join(' + ')} instead.`);
    return parts.map((part) => ({
      dtype: x!.dtype,
      shape: x!.shape.map((dim, i) => (i === axis ? part : dim)),
    }));
  },
  evaluate: ([x, sizes], attributes) => {
    const axis = normalAxis((attributes['axis'] as number | undefined) ?? 0, x!.shape.length);
    const inner = x!.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    let start = 0;
    return Array.from(sizes!.data, (size) => {
      const [run, first] = [size * inner, start];
      start += run;
      const shape = x!.shape.map((length, i) => (i === axis ? size : length));
      return referenceArray(
        x!.dtype,
        shape,
        (i) => x!.data[Math.floor(i / run) * x!.shape[axis] * inner + first + (i % run)],
      );
    });
  },
  gradient: ({ outputs, attributes, outputGradients }) => {
    return [
      concat(
        outputs.map((output, i) => outputGradients[i] ?? zerosLike(output)),
        (attributes['axis'] as number | undefined) ?? 0,
      ),
    ];
  },
  cases: [
    { name: 'three parts', inputs: [{ shape: [2, 6] }], build: ([x]) => split(x, 1, [1, 2, 3]) },
    { name: 'one part used', inputs: [{ shape: [4, 3] }], build: ([x]) => split(x, 0, [1, 3])[1] },
  ],
};
