import { normalAxis } from '../dims.ts';
import { listLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { reshape } from './reshape.ts';

/**
 * Looks up rows of a table: `x[indices]` along the first axis. Indices can have any shape; -1 is the last
 * row.
 * The gradient is a list of rows, which only a parameter can receive. For computed values use `gatherRows`.
 */
export function gather(x: Value, indices: Value): Value {
  return x.builder.apply('Gather', [x, indices], { axis: 0 })[0];
}

/** Operator row of `Gather`. */
export const gatherOp: OpRow = {
  name: 'Gather',
  domain: '',
  exact: true,
  attributes: { axis: 'int' },
  arity: [2, 2],
  infer: ([x, indices], { axis = 0 }) => {
    const along = normalAxis(axis as number, x!.shape.length);
    if (indices!.dtype !== 'int64' && indices!.dtype !== 'int32')
      refuse('Gather', `must get int64 or int32 indices. Got ${indices!.dtype} instead.`);
    return [
      {
        dtype: x!.dtype,
        shape: [...x!.shape.slice(0, along), ...indices!.shape, ...x!.shape.slice(along + 1)],
      },
    ];
  },
  evaluate: ([x, indices], { axis = 0 }) => {
    const along = normalAxis(axis as number, x!.shape.length);
    const inner = x!.shape.slice(along + 1).reduce((a, b) => a * b, 1);
    const count = indices!.data.length;
    return [
      referenceArray(
        x!.dtype,
        [...x!.shape.slice(0, along), ...indices!.shape, ...x!.shape.slice(along + 1)],
        (i) => {
          const index = indices!.data[Math.floor(i / inner) % count];
          const place = index < 0 ? index + x!.shape[along] : index;
          return x!.data[(Math.floor(i / inner / count) * x!.shape[along] + place) * inner + (i % inner)];
        },
      ),
    ];
  },
  gradient: ({ inputs: [x, indices], attributes, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    if (normalAxis((attributes['axis'] as number | undefined) ?? 0, x!.shape.length) !== 0)
      refuse('Gather', `can be differentiated along axis 0 only. Got axis ${attributes['axis']} instead.`);
    return [
      { kind: 'rows', indices: reshape(indices!, [-1]), values: reshape(dy, [-1, ...x!.shape.slice(1)]) },
    ];
  },
  cases: [
    {
      name: 'repeated rows',
      inputs: [{ shape: [4, 3] }, { shape: [2, 3], dtype: 'int64', values: [0, 2, 2, 3, 0, 2] }],
      build: ([x, i]) => gather(x, i),
    },
    {
      name: 'one row, from the back',
      inputs: [{ shape: [4, 3] }],
      build: ([x]) => gather(x, listLike(x, [-1])),
    },
    {
      name: 'along columns',
      inputs: [
        { shape: [2, 4], differentiate: false },
        { shape: [2], dtype: 'int64', values: [3, 1] },
      ],
      build: ([x, i]) => x.builder.apply('Gather', [x, i], { axis: 1 })[0],
    },
  ],
};
