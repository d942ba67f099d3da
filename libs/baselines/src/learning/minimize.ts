/** Value at `x`; the gradient is written into `gradient`, overwriting it. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimizeOptions {
  /** Pairs of steps remembered. Default 10. */
  readonly memory?: number;
  readonly maxIterations?: number;
  /** Stops when no component of the gradient is larger. Default 1e-5. */
  readonly gradientTolerance?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

interface Pair { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number }

/**
 * Minimum of a smooth convex function by L-BFGS with backtracking to sufficient decrease (Nocedal & Wright, "Numerical
 * Optimization", 2nd ed., algorithms 7.4 and 3.1). Pairs without positive curvature are not remembered.
 */
export function minimize(objective: Objective, start: Float64Array, options: MinimizeOptions = {}): Minimum {
  const { memory = 10, maxIterations = 1000, gradientTolerance = 1e-5 } = options;
  let x = Float64Array.from(start);
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const pairs: Pair[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (largest(gradient) <= gradientTolerance) return { x, value, iterations: iteration, converged: true };
    const direction = quasiNewtonDirection(gradient, pairs);
    const slope = dot(direction, gradient);
    const nextGradient = new Float64Array(x.length);
    // Near the minimum the decrease drowns in the value's own rounding, which must not read as an increase.
    const rounding = 4 * Number.EPSILON * Math.abs(value);
    let length = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let next = along(x, length, direction);
    let nextValue = objective(next, nextGradient);
    while (!(nextValue <= value + 1e-4 * length * slope + rounding)) {
      length /= 2;
      if (!(length >= 1e-9)) return { x, value, iterations: iteration, converged: false }; // NaN included
      next = along(x, length, direction);
      nextValue = objective(next, nextGradient);
    }
    const step = along(next, -1, x);
    const change = along(nextGradient, -1, gradient);
    const curvature = dot(step, change);
    if (curvature > 1e-12 * dot(change, change)) pairs.push({ step, change, curvature });
    if (pairs.length > memory) pairs.shift();
    [x, gradient, value] = [next, nextGradient, nextValue];
  }
  return { x, value, iterations: maxIterations, converged: false };
}

/** Minus the approximate inverse Hessian times the gradient (algorithm 7.4, the two-loop recursion). */
function quasiNewtonDirection(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = new Float64Array(gradient.length);
  addInto(direction, -1, gradient);
  const alphas = new Float64Array(pairs.length);
  for (let i = pairs.length - 1; i >= 0; i--) {
    alphas[i] = dot(pairs[i].step, direction) / pairs[i].curvature;
    addInto(direction, -alphas[i], pairs[i].change);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = last.curvature / dot(last.change, last.change);
    for (let i = 0; i < direction.length; i++) direction[i] *= scale;
  }
  pairs.forEach(({ step, change, curvature }, i) => addInto(direction, alphas[i] - dot(change, direction) / curvature, step));
  return direction;
}

/** target += factor × vector. */
function addInto(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * vector[i];
}

/** x + length × direction, a new vector. */
function along(x: Float64Array, length: number, direction: Float64Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = x[i] + length * direction[i];
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

function largest(vector: Float64Array): number {
  let max = 0;
  for (let i = 0; i < vector.length; i++) max = Math.max(max, Math.abs(vector[i]));
  return max;
}
