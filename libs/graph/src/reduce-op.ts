import { normalAxis, type Dim } from './dims.ts';
import { listLike } from './elementwise-op.ts';
import type { CaseInput, OpRow } from './op.ts';
import { offsets, referenceArray, strides } from './reference-array.ts';
import type { Value } from './value.ts';

/** Options of a reduction. */
export interface ReduceOptions {
  /** The axes to reduce. Default: all. */
  readonly axes?: readonly number[];
  /** Keep the reduced axes with length 1. Default false. */
  readonly keepDims?: boolean;
}

interface ReduceSpec {
  readonly name: string;
  /** Computes one result from a group of elements. */
  compute(elements: readonly number[]): number;
  /**
   * The gradient with respect to x, from dy and y with the reduced axes kept; it can still need broadcasting
   * to x.
   */
  gradient(dy: Value, x: Value, y: Value, axes: readonly number[]): Value;
  readonly values?: CaseInput['values'];
}

/** Applies a reduction. */
export function reduce(op: string, x: Value, { axes, keepDims = false }: ReduceOptions): Value {
  const all = (axes ?? x.shape.map((_, axis) => axis)).map((axis) => normalAxis(axis, x.shape.length));
  return x.builder.apply(op, [x, listLike(x, all)], { keepdims: Number(keepDims) })[0];
}

/** Creates the row of an operator that reduces axes. */
export function reduceOp(spec: ReduceSpec): OpRow {
  const build =
    (options: ReduceOptions) =>
    ([x]: readonly Value[]): Value =>
      reduce(spec.name, x, options);
  const inputs: readonly CaseInput[] = [{ shape: [2, 3, 4], values: spec.values }];
  return {
    name: spec.name,
    domain: '',
    attributes: { keepdims: 'int' },
    arity: [2, 2],
    infer: ([x, axes], { keepdims = 1 }) => [
      { dtype: x!.dtype, shape: reduced<Dim>(x!.shape, axes!.contents as readonly number[], keepdims === 1) },
    ],
    evaluate: ([x, axes], { keepdims = 1 }) => {
      const along = Array.from(axes!.data);
      const kept = reduced(x!.shape, along, true);
      const groups = Array.from({ length: kept.reduce((a, b) => a * b, 1) }, (): number[] => []);
      offsets(x!.shape, strides(kept)).forEach((place, i) => groups[place].push(x!.data[i]));
      return [
        referenceArray(x!.dtype, reduced(x!.shape, along, keepdims === 1), (i) => spec.compute(groups[i])),
      ];
    },
    gradient: ({ inputs: [x, axes], outputs: [y], attributes, outputGradients: [dy] }) => {
      if (dy === undefined) return [];
      const along = (axes!.contents as readonly number[]).map((axis) => normalAxis(axis, x!.shape.length));
      const restored = (v: Value): Value => {
        return attributes['keepdims'] === 0 && along.length > 0
          ? v.builder.apply('Unsqueeze', [v, axes])[0]
          : v;
      };
      const dx = spec.gradient(restored(dy), x!, restored(y), along);
      return [
        dx.shape.length === x!.shape.length && dx.shape.every((dim, i) => dim === x!.shape[i])
          ? dx
          : dx.builder.apply('Expand', [dx, dx.builder.apply('Shape', [x])[0]])[0],
      ];
    },
    cases: [
      { name: 'last axis', inputs, build: build({ axes: [-1] }) },
      { name: 'first axis, kept', inputs, build: build({ axes: [0], keepDims: true }) },
      { name: 'two axes', inputs, build: build({ axes: [0, 2] }) },
      { name: 'all axes', inputs, build: build({}) },
      {
        name: 'counted from the back, as other tools write it',
        inputs,
        build: ([x]) => x.builder.apply(spec.name, [x, listLike(x, [-2])], { keepdims: 1 })[0],
      },
    ],
  };
}

/** The number of elements that are reduced to one; undefined if it is not known. */
export function reducedCount(x: Value, axes: readonly number[]): number | undefined {
  const lengths = axes.map((axis) => x.shape[axis]);
  return lengths.every((length) => typeof length === 'number')
    ? lengths.reduce<number>((a, b) => a * (b as number), 1)
    : undefined;
}

function reduced<D extends Dim>(shape: readonly D[], axes: readonly number[], keep: boolean): (D | 1)[] {
  const along = axes.map((axis) => normalAxis(axis, shape.length));
  return shape.flatMap((dim, axis): (D | 1)[] => (along.includes(axis) ? (keep ? [1] : []) : [dim]));
}
