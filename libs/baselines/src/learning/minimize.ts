/** A strongly convex function ½‖x‖² + g(x), with g convex and twice differentiable. */
export interface Objective {
  /** Returns the value at `x` and overwrites the gradient. Hessian products refer to the last `x`. */
  evaluate(x: Float64Array, gradient: Float64Array): number;
  /**
   * Prepares Hessian products at the last `x`.
   * @param diagonal overwritten with an estimate of the Hessian's diagonal, for preconditioning
   */
  prepareHessian(diagonal: Float64Array): void;
  /** Hessian × vector → into, overwritten. */
  multiplyHessian(vector: Float64Array, into: Float64Array): void;
}

/** The stopping rule and the progress callback. */
export interface MinimizeOptions {
  /** Stops when the relative gap of the value above the minimum is at most this. Default 1e-9. */
  readonly tolerance?: number;
  readonly maxIterations?: number;
  /** Called after each pass over the data with the closed share of the gap, on a logarithmic scale. */
  readonly onProgress?: (share: number) => void;
}

/** The point where the minimization ended. */
export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Maximum conjugate-gradient products per Newton step. */
const maxProducts = 250;
/** The share of the gradient that a Newton step may leave in the quadratic model. */
const forcing = 0.1;

/**
 * Newton's method with truncated, diagonally preconditioned conjugate gradients and backtracking to
 * sufficient decrease (Nocedal & Wright, "Numerical Optimization", 2nd ed., algorithms 7.1 and 3.1). Because
 * of ½‖x‖², the value is at most ½‖gradient‖² above the minimum. This bound relative to the value is the
 * stopping rule, so it does not depend on the size of the problem.
 */
export function minimize(
  objective: Objective,
  start: Float64Array,
  { tolerance = 1e-9, maxIterations = 200, onProgress }: MinimizeOptions = {},
): Minimum {
  let x = Float64Array.from(start);
  const [gradient, nextGradient, diagonal] = [
    new Float64Array(x.length),
    new Float64Array(x.length),
    new Float64Array(x.length),
  ];
  let value = objective.evaluate(x, gradient);
  const firstBound = dot(gradient, gradient) / 2;
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const bound = dot(gradient, gradient) / 2;
    const target = tolerance * Math.abs(value);
    if (bound <= target) return { x, value, iterations: iteration, converged: true };
    const closed = Math.log(firstBound / bound) / Math.log(firstBound / target);
    objective.prepareHessian(diagonal);
    const residual = Math.max(forcing * Math.sqrt(2 * bound), Math.sqrt(target) / 2);
    const direction = newtonDirection(objective, gradient, {
      diagonal,
      residual,
      onProduct: () => onProgress?.(Math.min(1, Math.max(0, closed))),
    });
    const slope = dot(direction, gradient);
    // Near the minimum, the decrease is smaller than the rounding error of the value, which must not count as
    // an increase.
    const rounding = 4 * Number.EPSILON * Math.abs(value);
    let length = 1;
    let next = along(x, length, direction);
    let nextValue = objective.evaluate(next, nextGradient);
    while (!(nextValue <= value + 1e-4 * length * slope + rounding)) {
      length /= 2;
      // Also stops on NaN.
      if (!(length >= 1e-9)) return { x, value, iterations: iteration, converged: false };
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
  /** Stops when the remaining gradient in the quadratic model is at most this long. */
  readonly residual: number;
  readonly onProduct: () => void;
}

/**
 * Minus the inverse Hessian times the gradient, by preconditioned conjugate gradients from 0. Always a
 * descent direction.
 */
function newtonDirection(
  objective: Objective,
  gradient: Float64Array,
  { diagonal, residual, onProduct }: DirectionOptions,
): Float64Array {
  const { length } = gradient;
  const [direction, product, search, left] = [
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
    new Float64Array(length),
  ];
  for (let i = 0; i < length; i++) {
    left[i] = -gradient[i]!;
    search[i] = left[i]! / diagonal[i]!;
  }
  let energy = dot(left, search);
  for (let count = 0; count < maxProducts; count++) {
    objective.multiplyHessian(search, product);
    onProduct();
    const curvature = dot(search, product);
    if (!(curvature > 0)) break; // rounding, or NaN
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
