import { normalAxis, type Dim } from '../dims.ts';
import type { OpRow } from '../op.ts';
import { offsets, referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { concat } from '../range-builders.ts';
import { zerosLike } from './expand.ts';
import { toTheEnd, slice, sliceLike } from '../range-builders.ts';

function place(at: number, length: number): number {
  return Math.min(Math.max(at < 0 ? at + length : at, 0), length);
}

/** Length of a slice. If the axis has no known length, both ends must count from the same side. */
function cut(dim: Dim, start: number, end: Dim): Dim {
  if (typeof end === 'string')
    return start === 0
      ? end
      : refuse('Slice', `with the computed end ${end} must start at 0. Got ${start} instead.`);
  if (typeof dim === 'number') return Math.max(place(end, dim) - place(start, dim), 0);
  if (start === 0 && end >= toTheEnd) return dim;
  if (end >= toTheEnd ? start < 0 : start < 0 === end < 0)
    return end >= toTheEnd ? -start : Math.max(end - start, 0);
  return refuse(
    'Slice',
    `cannot tell how long ${start} to ${end} of an axis of length ${dim} is. Count both ends from the same side.`,
  );
}

/** Operator row of `Slice`. */
export const sliceOp: OpRow = {
  name: 'Slice',
  domain: '',
  exact: true,
  arity: [4, 4],
  infer: ([x, starts, ends, axes]) => {
    const [from, to, along] = [starts, ends, axes].map((list) => list!.contents as readonly number[]);
    if (from === undefined || to === undefined || along === undefined)
      return refuse('Slice', 'must get constant starts, ends and axes.');
    const shape = [...x!.shape];
    along.forEach(
      (axis, i) =>
        (shape[normalAxis(axis, shape.length)] = cut(shape[normalAxis(axis, shape.length)], from[i], to[i])),
    );
    const contents =
      typeof to[0] === 'string'
        ? undefined
        : x!.contents?.slice(place(from[0], x!.contents.length), place(to[0], x!.contents.length));
    return [{ dtype: x!.dtype, shape, contents }];
  },
  evaluate: ([x, starts, ends, axes]) => {
    const shape = [...x!.shape];
    const first = shape.map(() => 0);
    axes!.data.forEach((axis, i) => {
      const length = x!.shape[axis];
      first[axis] = place(starts!.data[i], length);
      shape[axis] = Math.max(place(ends!.data[i], length) - first[axis], 0);
    });
    const steps = x!.shape.map((_, axis) => x!.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    const base = first.reduce((sum, at, axis) => sum + at * steps[axis], 0);
    const places = offsets(shape, steps);
    return [referenceArray(x!.dtype, shape, (i) => x!.data[base + places[i]])];
  },
  gradient: ({ inputs, outputGradients: [dy] }) => {
    if (dy === undefined) return [];
    const [x, starts, ends, axes] = inputs as readonly Value[];
    const [from, to, along] = [starts, ends, axes].map((list) => list.contents as readonly number[]);
    if (typeof to[0] === 'string')
      return refuse('Slice', 'with a computed end cannot be differentiated. Use gather or gatherRows.');
    if (along.length !== 1)
      return refuse(
        'Slice',
        'can be differentiated along one axis at a time. Slice one axis after the other.',
      );
    const before = from[0] === 0 ? [] : [zerosLike(slice(x, along[0], 0, from[0]))];
    const after = to[0] >= toTheEnd ? [] : [zerosLike(slice(x, along[0], to[0]))];
    return [concat([...before, dy, ...after], along[0])];
  },
  cases: [
    {
      name: 'as long as another',
      inputs: [
        { shape: [5, 3], differentiate: false },
        { shape: [2, 4], differentiate: false },
      ],
      build: ([x, y]) => sliceLike(x, 0, y, 1),
    },
    { name: 'middle', inputs: [{ shape: [2, 5, 3] }], build: ([x]) => slice(x, 1, 1, 3) },
    { name: 'from the back', inputs: [{ shape: [4, 3] }], build: ([x]) => slice(x, 0, -2) },
    { name: 'front', inputs: [{ shape: [4, 3] }], build: ([x]) => slice(x, -1, 0, 1) },
  ],
};
