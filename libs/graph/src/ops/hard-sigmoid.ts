import { inferElementwise, scalarLike } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import { elementwise } from '../reference-array.ts';
import type { Value } from '../value.ts';
import { greater } from './greater.ts';
import { mul } from './mul.ts';
import { sub } from './sub.ts';
import { where } from './where.ts';

/**
 * slope · x + level, limited to [0, 1]. For results known to be in that range it scales and shifts in one
 * pass.
 */
export function hardSigmoid(x: Value, slope: number, level: number): Value {
  return x.builder.apply('HardSigmoid', [x], { alpha: slope, beta: level })[0];
}

/** Operator row of `HardSigmoid`. */
export const hardSigmoidOp: OpRow = {
  name: 'HardSigmoid',
  domain: '',
  attributes: { alpha: 'float', beta: 'float' },
  arity: [1, 1],
  infer: ([x]) => [inferElementwise('HardSigmoid', [x])],
  evaluate: ([x], { alpha = 0.2, beta = 0.5 }) => [
    elementwise('float32', [x!], (v) => Math.min(Math.max((alpha as number) * v + (beta as number), 0), 1)),
  ],
  gradient: ({ outputs: [y], attributes: { alpha = 0.2 }, outputGradients: [dy] }) => {
    // y (1 − y) > 0 exactly where nothing was limited
    return [dy && where(greater(mul(y, sub(1, y)), 0), mul(dy, alpha as number), scalarLike(dy, 0))];
  },
  cases: [
    { name: 'inside and cut off', inputs: [{ shape: [3, 5] }], build: ([x]) => hardSigmoid(x, 0.5, 0.5) },
    {
      name: 'special values',
      inputs: [{ shape: [4], values: [-100, 0, 1, 100], differentiate: false }],
      build: ([x]) => hardSigmoid(x, 0.25, 0.5),
    },
  ],
};
