import { unary, unaryOp } from '../elementwise-op.ts';
import { erfOf } from '../erf-of.ts';
import type { Value } from '../value.ts';
import { add } from './add.ts';
import { div } from './div.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { hardSigmoid } from './hard-sigmoid.ts';
import { mul } from './mul.ts';

/**
 * x Φ(x), where Φ is the normal distribution function (Hendrycks & Gimpel, arXiv:1606.08415); the exact form.
 */
export function gelu(x: Value): Value {
  return unary('Gelu', x);
}

/** Operator row of `Gelu`. */
export const geluOp = unaryOp({
  name: 'Gelu',
  compute: (x) => (x * (1 + erfOf(x / Math.SQRT2))) / 2,
  gradient: geluGradient,
  special: [-10, -5, -1, 0, 1, 5, 10],
});

/**
 * Φ(x) + x φ(x). With u = x / √2, Φ = (1 + erf u) / 2 is one pass with HardSigmoid, and x φ = u / e^(u²) /
 * √π. If e^(u²) is infinite, the quotient is 0. Each line is a pass over a matrix that is usually the widest
 * of its layer.
 */
function geluGradient(dy: Value, x: Value): Value {
  const u = mul(x, Math.SQRT1_2);
  const normal = hardSigmoid(erf(u), 0.5, 0.5);
  const density = div(u, exp(mul(u, u)));
  return mul(dy, add(normal, mul(density, 1 / Math.sqrt(Math.PI))));
}
