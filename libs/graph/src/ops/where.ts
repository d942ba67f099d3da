import { inferElementwise, sumTo, scalarLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { elementwise } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import type { Value } from '../value.ts';

/** `a` where the bool condition is true, otherwise `b`; all three broadcast. */
export function where(condition: Value, a: Value, b: Value): Value {
  return condition.builder.apply('Where', [condition, a, b])[0];
}

const choose = ([x, a, b]: readonly Value[]): Value =>
  where(x.builder.apply('Greater', [x, scalarLike(x, 0)])[0], a, b);

/** Operator row of `Where`. */
export const whereOp: OpRow = {
  name: 'Where',
  domain: '',
  exact: true,
  arity: [3, 3],
  infer: ([condition, a, b]) => {
    if (condition!.dtype !== 'bool')
      refuse('Where', `must get a bool condition. Got ${condition!.dtype} instead.`);
    const { dtype } = inferElementwise('Where', [a, b]);
    return [{ dtype, shape: inferElementwise('Where', [{ dtype, shape: condition!.shape }, a, b]).shape }];
  },
  evaluate: ([condition, a, b]) => [
    elementwise(a!.dtype, [condition!, a!, b!], (c, x, y) => (c !== 0 ? x : y)),
  ],
  gradient: ({ inputs: [condition, a, b], outputGradients: [dy], wants }) => {
    if (dy === undefined) return [];
    const none = scalarLike(dy, 0);
    return [
      undefined,
      wants[1] ? sumTo(where(condition!, dy, none), a!.shape) : undefined,
      wants[2] ? sumTo(where(condition!, none, dy), b!.shape) : undefined,
    ];
  },
  cases: [
    {
      name: 'same shapes',
      inputs: [{ shape: [2, 3], differentiate: false }, { shape: [2, 3] }, { shape: [2, 3] }],
      build: choose,
    },
    {
      name: 'broadcast',
      inputs: [{ shape: [4, 1], differentiate: false }, { shape: [2, 1, 3] }, { shape: [] }],
      build: choose,
    },
  ],
};
