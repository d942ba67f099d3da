import { formatShape, sameDims } from '../dims.ts';
import { listLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { neg } from './neg.ts';
import { squeeze } from '../axis-builders.ts';
import { unsqueeze } from '../axis-builders.ts';

/** Cosines and sines for `rotaryEmbedding`. */
export interface RotaryTables {
  /** float32 [positions, width / 2] */
  readonly cos: Value;
  /** float32 [positions, width / 2] */
  readonly sin: Value;
}

/**
 * Rotary position embedding (Su et al., arXiv:2104.09864) that pairs the halves of a head, as in Llama.
 * Rotates x [heads, length, width], or [batch, heads, length, width], by the angles of its positions. Their
 * cosines and sines are rows of the tables. An operator of onnxruntime, not of ONNX.
 * @param places int64 [length] or [batch, length]; or [1], the position of the first row, with consecutive
 * positions after it. Default: 0, 1, …
 */
export function rotaryEmbedding(
  x: Value,
  { cos, sin }: RotaryTables,
  places: Value = listLike(x, [0]),
): Value {
  const turn = (batch: Value, at: Value): Value =>
    x.builder.apply('RotaryEmbedding', [batch, at, cos, sin])[0];
  if (x.shape.length === 4) return turn(x, places);
  return squeeze(turn(unsqueeze(x, [0]), sameDims(places.shape, [1]) ? places : unsqueeze(places, [0])), [0]);
}

/** Operator row of `RotaryEmbedding`. */
export const rotaryEmbeddingOp: OpRow = {
  name: 'RotaryEmbedding',
  domain: 'com.microsoft',
  attributes: { interleaved: 'int' },
  arity: [4, 4],
  infer: ([x, places, cos, sin], { interleaved = 0 }) => {
    const width = x!.shape[3];
    const placed = sameDims(places!.shape, [1]) || sameDims(places!.shape, [x!.shape[0], x!.shape[2]]);
    const fits =
      x!.shape.length === 4 &&
      placed &&
      [cos!, sin!].every(
        ({ shape }) => shape.length === 2 && typeof width === 'number' && shape[1] === width / 2,
      );
    if (!fits || interleaved !== 0) {
      refuse(
        'RotaryEmbedding',
        `must get x [batch, heads, length, width], one place or [batch, length], and tables [positions, width / 2], halves not interleaved. Got ${[x, places, cos, sin].map((type) => formatShape(type!.shape)).join(', ')} instead.`,
      );
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  evaluate: ([x, places, cos, sin]) => {
    const [, heads, length, width] = x!.shape;
    const half = width / 2;
    const placeOf = (row: number): number => {
      const at = row % length;
      return places!.shape.length === 1
        ? places!.data[0] + at
        : places!.data[Math.floor(row / length / heads) * length + at];
    };
    return [
      referenceArray(x!.dtype, x!.shape, (i) => {
        const column = i % width;
        const place = placeOf(Math.floor(i / width)) * half + (column % half);
        const other = column < half ? -x!.data[i + half] : x!.data[i - half];
        return x!.data[i] * cos!.data[place] + other * sin!.data[place];
      }),
    ];
  },
  // the transpose of a rotation is the opposite rotation; the tables are not trained
  gradient: ({ inputs, outputGradients: [dy], wants }) => {
    if (dy === undefined) return [];
    const [, places, cos, sin] = inputs as readonly Value[];
    if (wants[2] || wants[3])
      refuse('RotaryEmbedding', 'is not differentiated by its tables. Got one that depends on a parameter.');
    return [dy.builder.apply('RotaryEmbedding', [dy, places, cos, neg(sin)])[0]];
  },
  cases: [
    {
      name: 'two heads',
      inputs: [
        { shape: [2, 3, 4] },
        { shape: [5, 2], differentiate: false },
        { shape: [5, 2], differentiate: false },
      ],
      build: ([x, cos, sin]) => rotaryEmbedding(x, { cos, sin }),
    },
    {
      name: 'every place there is, one pair',
      inputs: [
        { shape: [1, 4, 2] },
        { shape: [4, 1], values: [1, 0, -1, 0], differentiate: false },
        { shape: [4, 1], values: [0, 1, 0, -1], differentiate: false },
      ],
      build: ([x, cos, sin]) => rotaryEmbedding(x, { cos, sin }),
    },
    {
      name: 'places given',
      inputs: [
        { shape: [2, 4, 6] },
        { shape: [7, 3], differentiate: false },
        { shape: [7, 3], differentiate: false },
        { shape: [4], dtype: 'int64', values: [5, 6, 0, 5] },
      ],
      build: ([x, cos, sin, places]) => rotaryEmbedding(x, { cos, sin }, places),
    },
    {
      name: 'the place of the first row',
      inputs: [
        { shape: [2, 3, 4] },
        { shape: [7, 2], differentiate: false },
        { shape: [7, 2], differentiate: false },
        { shape: [1], dtype: 'int64', values: [4] },
      ],
      build: ([x, cos, sin, places]) => rotaryEmbedding(x, { cos, sin }, places),
    },
    {
      name: 'places of a batch',
      inputs: [
        { shape: [2, 3, 2, 4] },
        { shape: [5, 2], differentiate: false },
        { shape: [5, 2], differentiate: false },
        { shape: [2, 2], dtype: 'int64', values: [1, 0, 4, 2] },
      ],
      build: ([x, cos, sin, places]) => rotaryEmbedding(x, { cos, sin }, places),
    },
  ],
};
