import { matrixProducts } from '../text/matrix-products.ts';
import type { SparseMatrix } from '../text/sparse-matrix.ts';
import type { Objective } from './minimize.ts';

/** Weighted examples of a logistic regression. */
export interface LogisticData {
  readonly features: SparseMatrix;
  /** One 0 or 1 per row. */
  readonly labels: readonly number[];
  /** float64 [rows], at least 0. */
  readonly weights: Float64Array;
  readonly fitIntercept: boolean;
}

/** The loss as a function of the feature weights. */
export interface LogisticObjective extends Objective {
  /** The best intercept for the last evaluated weights. */
  intercept(): number;
}

/**
 * ½‖w‖² + Σ weight × log-loss, with the best intercept for each w. The result is a strongly convex function
 * of w alone, because the intercept is not penalized. Its Hessian is the Schur complement of the intercept's.
 */
export function logisticObjective({
  features,
  labels,
  weights,
  fitIntercept,
}: LogisticData): LogisticObjective {
  const { rows } = features;
  const products = matrixProducts(features);
  const { columns } = products;
  const [margins, residuals, curvatures] = [
    new Float64Array(rows),
    new Float64Array(rows),
    new Float64Array(rows),
  ];
  const coupling = new Float64Array(columns);
  let intercept = 0;
  let curvatureSum = 0;
  return {
    intercept: () => intercept,
    evaluate(x, gradient) {
      products.multiplyInto(x, margins);
      if (fitIntercept) intercept = bestIntercept(margins, { labels, weights, start: intercept });
      let value = 0;
      for (let row = 0; row < rows; row++) {
        const z = margins[row]! + intercept;
        const p = sigmoid(z);
        value += weights[row]! * (softplus(z) - labels[row]! * z);
        residuals[row] = weights[row]! * (p - labels[row]!);
        curvatures[row] = weights[row]! * p * (1 - p);
      }
      for (let column = 0; column < columns; column++) {
        value += (x[column]! * x[column]!) / 2;
        gradient[column] = x[column]!;
      }
      products.addTransposed(residuals, gradient);
      return value;
    },
    prepareHessian(diagonal) {
      diagonal.fill(1);
      coupling.fill(0);
      products.addWeightedSums(curvatures, { sums: coupling, squares: diagonal });
      curvatureSum = curvatures.reduce((sum, each) => sum + each, 0);
    },
    multiplyHessian(vector, into) {
      into.set(vector);
      const sum = products.addWeightedGram(curvatures, { vector, into });
      if (!fitIntercept || curvatureSum === 0) return;
      const share = sum / curvatureSum;
      for (let column = 0; column < columns; column++) into[column]! -= share * coupling[column]!;
    },
  };
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** ln(1 + eˣ), without overflow. */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/**
 * The intercept at which the weighted residuals sum to 0. Uses Newton's method in one dimension, kept inside
 * the bracket by bisection.
 */
function bestIntercept(
  margins: Float64Array,
  {
    labels,
    weights,
    start,
  }: { readonly labels: readonly number[]; readonly weights: Float64Array; readonly start: number },
): number {
  let [low, high, at, scale] = [-Infinity, Infinity, start, 0];
  for (const weight of weights) scale += weight;
  for (let round = 0; round < 200; round++) {
    let [residual, curvature] = [0, 0];
    for (let row = 0; row < margins.length; row++) {
      const p = sigmoid(margins[row]! + at);
      residual += weights[row]! * (p - labels[row]!);
      curvature += weights[row]! * p * (1 - p);
    }
    if (!(Math.abs(residual) > 1e-13 * scale)) return at;
    if (residual > 0) high = at;
    else low = at;
    const newton = at - residual / curvature;
    const step =
      Number.isFinite(newton) && Math.abs(newton - at) < 10 ? newton : at - 10 * Math.sign(residual);
    const next = step > low && step < high ? step : (low + high) / 2;
    if (next === at) return at;
    at = next;
  }
  return at;
}
