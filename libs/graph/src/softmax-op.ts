import { normalAxis } from './dims.ts';
import type { GradientRule, OpRow } from './op.ts';
import { referenceArray, type ReferenceArray } from './reference-array.ts';
import type { Value } from './value.ts';

/**
 * Creates the row of an operator that normalizes along one axis. `finish` receives an element, the largest
 * element, and Σ e^(x − largest).
 */
export function softmaxOp(
  name: string,
  finish: (x: number, largest: number, sum: number) => number,
  gradient: GradientRule,
): OpRow {
  const build =
    (axis: number) =>
    ([x]: readonly Value[]): Value =>
      softmaxAlong(name, x, axis);
  return {
    name,
    domain: '',
    attributes: { axis: 'int' },
    arity: [1, 1],
    infer: ([x], attributes) => {
      normalAxis(axisOf(attributes), x!.shape.length);
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    evaluate: ([x], attributes) => [normalize(x!, normalAxis(axisOf(attributes), x!.shape.length), finish)],
    gradient,
    cases: [
      { name: 'last axis', inputs: [{ shape: [2, 3, 4] }], build: build(-1) },
      { name: 'first axis', inputs: [{ shape: [3, 4] }], build: build(0) },
      {
        name: 'large and masked',
        inputs: [{ shape: [2, 4], values: [1e4, 1e4, -1e4, 0, -3e38, 2, 1, -3e38], differentiate: false }],
        build: build(-1),
      },
    ],
  };
}

/** Applies Softmax or LogSoftmax. */
export function softmaxAlong(op: string, x: Value, axis: number): Value {
  return x.builder.apply(op, [x], { axis: normalAxis(axis, x.shape.length) })[0];
}

/** The axis attribute; ONNX's default is the last axis. */
export function axisOf(attributes: Readonly<Record<string, unknown>>): number {
  return (attributes['axis'] as number | undefined) ?? -1;
}

function normalize(
  x: ReferenceArray,
  axis: number,
  finish: (x: number, largest: number, sum: number) => number,
): ReferenceArray {
  const length = x.shape[axis];
  const step = x.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const result = referenceArray(x.dtype, x.shape, () => 0);
  for (let block = 0; block < x.data.length; block += length * step) {
    for (let first = block; first < block + step; first++) {
      const places = Array.from({ length }, (_, k) => first + k * step);
      const largest = Math.max(...places.map((i) => x.data[i]));
      const sum = places.reduce((total, i) => total + Math.exp(x.data[i] - largest), 0);
      for (const i of places) result.data[i] = finish(x.data[i], largest, sum);
    }
  }
  return result;
}
