import { unary, unaryOp } from '../elementwise-op.ts';
import type { OpRow } from '../op.ts';
import type { Value } from '../value.ts';
import { add } from './add.ts';
import { mul } from './mul.ts';
import { sigmoid } from './sigmoid.ts';
import { sub } from './sub.ts';

/** x · sigmoid(x) (Elfwing et al., arXiv:1702.03118). */
export function silu(x: Value): Value {
  return unary('Silu', x);
}

const row = unaryOp({
  name: 'Silu',
  compute: (x) => x / (1 + Math.exp(-x)),
  // s + y − s y with s = sigmoid(x), which the lowered forward pass also computes
  gradient(dy, x, y) {
    const s = sigmoid(x);
    return mul(dy, add(mul(s, sub(1, y)), y));
  },
  special: [-20, -5, -1, 0, 1, 5, 20],
});

/** Operator row of `Silu`. */
export const siluOp: OpRow = { ...row, domain: 'overture', lower: ([x]) => [mul(x, sigmoid(x))] };
