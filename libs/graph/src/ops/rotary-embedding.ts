import { formatShape } from '../dims.ts';
import { listLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { referenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';
import { neg } from './neg.ts';
import { squeeze } from './squeeze.ts';
import { unsqueeze } from './unsqueeze.ts';

/**
 * Rotary position embedding (Su et al., arXiv:2104.09864) with the halves that Llama pairs: x [heads, length, width] turned by the
 * angles of its places 0, 1, …, whose cosines and sines are rows of [positions, width / 2]. onnxruntime's own operator.
 */
export function rotaryEmbedding(x: Value, cos: Value, sin: Value): Value {
  const first = listLike(x, [0]); // the place of the first row
  return squeeze(x.builder.apply('RotaryEmbedding', [unsqueeze(x, [0]), first, cos, sin])[0], [0]);
}

export const rotaryEmbeddingOp: OpRow = {
  name: 'RotaryEmbedding',
  domain: 'com.microsoft',
  attributes: { interleaved: 'int' },
  arity: [4, 4],
  infer: ([x, first, cos, sin], { interleaved = 0 }) => {
    const width = x!.shape[3];
    const fits = x!.shape.length === 4 && first!.shape.length === 1 && first!.shape[0] === 1 && [cos!, sin!].every(({ shape }) => shape.length === 2 && typeof width === 'number' && shape[1] === width / 2);
    if (!fits || interleaved !== 0) {
      refuse('RotaryEmbedding', `must get x [batch, heads, length, width], one place and tables [positions, width / 2], halves not interleaved. Got ${[x, first, cos, sin].map((type) => formatShape(type!.shape)).join(', ')} instead.`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  evaluate: ([x, first, cos, sin]) => {
    const [, , length, width] = x!.shape;
    const half = width / 2;
    return [
      referenceArray(x!.dtype, x!.shape, (i) => {
        const column = i % width;
        const place = (first!.data[0] + (Math.floor(i / width) % length)) * half + (column % half);
        const other = column < half ? -x!.data[i + half] : x!.data[i - half];
        return x!.data[i] * cos!.data[place] + other * sin!.data[place];
      }),
    ];
  },
  // a rotation's transpose turns back; the tables are not learnt
  gradient: ({ inputs, outputGradients: [dy], wants }) => {
    if (dy === undefined) return [];
    const [, first, cos, sin] = inputs as readonly Value[];
    if (wants[2] || wants[3]) refuse('RotaryEmbedding', 'is not differentiated by its tables. Got one that depends on a parameter.');
    return [dy.builder.apply('RotaryEmbedding', [dy, first, cos, neg(sin)])[0]];
  },
  cases: [
    {
      name: 'two heads',
      inputs: [{ shape: [2, 3, 4] }, { shape: [5, 2], differentiate: false }, { shape: [5, 2], differentiate: false }],
      build: ([x, cos, sin]) => rotaryEmbedding(x, cos, sin),
    },
    {
      name: 'every place there is, one pair',
      inputs: [{ shape: [1, 4, 2] }, { shape: [4, 1], values: [1, 0, -1, 0], differentiate: false }, { shape: [4, 1], values: [0, 1, 0, -1], differentiate: false }],
      build: ([x, cos, sin]) => rotaryEmbedding(x, cos, sin),
    },
  ],
};
