/** A strongly convex function ½‖x‖² + g(x) with g convex and twice differentiable. */
export interface Objective {
  /** Value at `x`; the gradient is overwritten. The Hessian is that of the last `x`. */
  evaluate(x: Float64Array, gradient: Float64Array): number;
  /** Prepares Hessian products at the last `x`. @param diagonal overwritten with an estimate of the Hessian's diagonal, for preconditioning */
  prepareHessian(diagonal: Float64Array): void;
  /** Hessian × vector → into, overwritten. */
  multiplyHessian(vector: Float64Array, into: Float64Array): void;
}

/** When to stop, and what to do between two steps. */
export interface MinimizeOptions {
  /** Stops when the value is at most this share of it above the minimum. Default 1e-9. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  /** Called after each pass over the data with the share of the gap, on a logarithmic scale, that is closed. */
  readonly onProgress?: (share: number) => void;
}

/** Where the minimization ended. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Conjugate-gradient products per Newton step at most. */
const maxProducts = 250;
/** The share of the gradient that a Newton step may leave in the quadratic model. */
const forcing = 0.1;

/**
 * Minimum by Newton's method with truncated, diagonally preconditioned conjugate gradients and backtracking to sufficient decrease (Nocedal & Wright,
 * "Numerical Optimization", 2nd ed., algorithms 7.1 and 3.1). Because of ½‖x‖² the value is never more than ½‖gradient‖² above the minimum: that bound,
 * relative to the value, is the stopping rule, so it does not depend on the size of the problem.
 */
export function minimize(objective: Objective, start: Float64Array, { tolerance = 1e-9, maxIterations = 200, onProgress }: MinimizeOptions = {}): Minimum {
  let x = Float64Array.from(start);
  const [gradient, nextGradient, diagonal] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(x.length)];
  let value = objective.evaluate(x, gradient);
  const firstBound = dot(gradient, gradient) / 2;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const bound = dot(gradient, gradient) / 2;
    const target = tolerance * Math.abs(value);
    if (bound <= target) return { x, value, iterations: iteration, converged: true };
    const closed = Math.log(firstBound / bound) / Math.log(firstBound / target);
    objective.prepareHessian(diagonal);
    const residual = Math.max(forcing * Math.sqrt(2 * bound), Math.sqrt(target) / 2);
    const direction = newtonDirection(objective, gradient, { diagonal, residual, onProduct: () => onProgress?.(Math.min(1, Math.max(0, closed))) });
    const slope = dot(direction, gradient);
    // Near the minimum the decrease is below the rounding of the value, which must not count as an increase.
    const rounding = 4 * Number.EPSILON * Math.abs(value);
    let length = 1;
    let next = along(x, length, direction);
    let nextValue = objective.evaluate(next, nextGradient);
    while (!(nextValue <= value + 1e-4 * length * slope + rounding)) {
      length /= 2;
      if (!(length >= 1e-9)) return { x, value, iterations: iteration, converged: false }; // NaN included
      next = along(x, length, direction);
      nextValue = objective.evaluate(next, nextGradient);
    }
    [x, value] = [next, nextValue];
    gradient.set(nextGradient);
  }
  return { x, value, iterations: maxIterations, converged: false };
}

interface DirectionOptions {
  readonly diagonal: Float64Array;
  /** Stops when what is left of the gradient in the quadratic model is no longer than this. */
  readonly residual: number;
  readonly onProduct: () => void;
}

/** Minus the inverse Hessian times the gradient, by preconditioned conjugate gradients from 0: always a direction of descent. */
function newtonDirection(objective: Objective, gradient: Float64Array, { diagonal, residual, onProduct }: DirectionOptions): Float64Array {
  const { length } = gradient;
  const [direction, product, search, left] = [new Float64Array(length), new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  for (let i = 0; i < length; i++) {
    left[i] = -gradient[i]!;
    search[i] = left[i]! / diagonal[i]!;
  }
  let energy = dot(left, search);
  for (let count = 0; count < maxProducts; count++) {
    objective.multiplyHessian(search, product);
    onProduct();
    const curvature = dot(search, product);
    if (!(curvature > 0)) break; // rounding, or no number
    const step = energy / curvature;
    let [squares, nextEnergy] = [0, 0];
    for (let i = 0; i < length; i++) {
      direction[i]! += step * search[i]!;
      const rest = left[i]! - step * product[i]!;
      left[i] = rest;
      squares += rest * rest;
      nextEnergy += (rest * rest) / diagonal[i]!;
    }
    if (squares <= residual * residual) break;
    const again = nextEnergy / energy;
    for (let i = 0; i < length; i++) search[i] = left[i]! / diagonal[i]! + again * search[i]!;
    energy = nextEnergy;
  }
  return direction;
}

/** x + length × direction, a new vector. */
function along(x: Float64Array, length: number, direction: Float64Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = x[i]! + length * direction[i]!;
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}
