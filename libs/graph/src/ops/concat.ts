import { dimSum, formatShape, normalAxis, sameDims } from '../dims.ts';
import { listLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { shapeOf } from './shape.ts';
import { slice } from '../range-builders.ts';
import { concat } from '../range-builders.ts';

/** Operator row of `Concat`. */
export const concatOp: OpRow = {
  name: 'Concat',
  domain: '',
  exact: true,
  attributes: { axis: 'int' },
  arity: [1, Infinity],
  infer: (inputs, attributes) => {
    const types = inputs.map((input) => input!);
    const axis = normalAxis(attributes['axis'] as number, types[0].shape.length);
    const others = types.map(({ shape }) => shape.filter((_, i) => i !== axis));
    if (!others.every((shape) => sameDims(shape, others[0]))) {
      refuse(
        'Concat',
        `must get shapes that agree outside axis ${axis}. Got ${types.map(({ shape }) => formatShape(shape)).join(' and ')} instead.`,
      );
    }
    const shape = types[0].shape.map((dim, i) =>
      i === axis ? dimSum(types.map((type) => type.shape[axis])) : dim,
    );
    const contents = types.every((type) => type.contents !== undefined)
      ? types.flatMap((type) => type.contents!)
      : undefined;
    return [{ dtype: types[0].dtype, shape, contents }];
  },
  evaluate: (inputs, attributes) => {
    const arrays = inputs.map((input) => input!);
    const axis = normalAxis(attributes['axis'] as number, arrays[0].shape.length);
    const runs = arrays.map(({ shape }) => shape.slice(axis).reduce((a, b) => a * b, 1));
    const period = runs.reduce((a, b) => a + b, 0);
    const shape = arrays[0].shape.map((length, i) =>
      i === axis ? arrays.reduce((sum, array) => sum + array.shape[axis], 0) : length,
    );
    const result = referenceArray(arrays[0].dtype, shape, () => 0);
    let start = 0;
    arrays.forEach((array, k) => {
      for (let i = 0; i < array.data.length; i++)
        result.data[Math.floor(i / runs[k]) * period + start + (i % runs[k])] = array.data[i];
      start += runs[k];
    });
    return [result];
  },
  gradient: ({ inputs, attributes, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const values = inputs as readonly Value[];
    const axis = attributes['axis'] as number;
    const known = values.every(({ shape }) => typeof shape[axis] === 'number');
    const sizes = known
      ? listLike(
          dy,
          values.map(({ shape }) => shape[axis] as number),
        )
      : concat(
          values.map((value) => slice(shapeOf(value), 0, axis, axis + 1)),
          0,
        );
    return dy.builder.apply('Split', [dy, sizes], { axis }, values.length);
  },
  cases: [
    { name: 'rows', inputs: [{ shape: [2, 3] }, { shape: [1, 3] }], build: (values) => concat(values, 0) },
    {
      name: 'inner axis of three',
      inputs: [{ shape: [2, 1, 2] }, { shape: [2, 3, 2] }, { shape: [2, 2, 2] }],
      build: (values) => concat(values, 1),
    },
    {
      name: 'last axis',
      inputs: [{ shape: [2, 1] }, { shape: [2, 2] }],
      build: (values) => concat(values, -1),
    },
  ],
};
