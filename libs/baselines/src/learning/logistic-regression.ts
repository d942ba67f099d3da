import { AppError } from '@overture/core';
import { matrixProducts } from '../text/matrix-products.ts';
import { multiplyInto, type SparseMatrix } from '../text/sparse-matrix.ts';
import { logisticObjective, sigmoid } from './logistic-objective.ts';
import { minimize } from './minimize.ts';

/** Options with the meaning of scikit-learn's. */
export interface LogisticRegressionOptions {
  /** Inverse strength of the L2 penalty; scikit-learn's `C`. Default 1. */
  readonly inversePenalty?: number;
  /**
   * `balanced`: each example weighs n / (2 × size of its class). A pair: weights of the classes 0 and 1.
   * Default `none`.
   */
  readonly classWeight?: 'none' | 'balanced' | readonly [number, number];
  /** Whether to fit an intercept; scikit-learn's `fit_intercept`. Default true. */
  readonly fitIntercept?: boolean;
  /** Maximum relative gap of the objective above its minimum. Default 1e-9. */
  readonly tolerance?: number;
  /** float64 [columns]: the weights to start from, for example those of a similar fit. Default 0. */
  readonly start?: Float64Array;
  /** Called many times during the fit with its completed share, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** A fitted model: P(class 1) = sigmoid(row · weights + intercept). */
export interface LogisticRegression {
  /** float64 [columns] */
  readonly weights: Float64Array;
  readonly intercept: number;
  /** The value of the objective at these weights. */
  readonly objective: number;
  /** P(class 1) of each row. */
  predict(features: SparseMatrix): Float64Array;
}

/**
 * Minimizes ½‖w‖² + C Σ weight × log-loss without penalizing the intercept: the objective of scikit-learn's
 * `LogisticRegression`.
 * @param labels one 0 or 1 per row
 * @throws AppError `BASELINE_ONE_CLASS`, `BASELINE_NOT_CONVERGED`
 */
export function fitLogisticRegression(
  features: SparseMatrix,
  labels: readonly number[],
  options: LogisticRegressionOptions = {},
): LogisticRegression {
  const { inversePenalty = 1, classWeight = 'none', fitIntercept = true, tolerance, onProgress } = options;
  const { rows, columns } = features;
  const products = matrixProducts(features);
  const start =
    options.start === undefined ? new Float64Array(products.columns) : products.contract(options.start);
  const positives = labels.reduce((total, label) => total + label, 0);
  if (positives === 0 || positives === rows) {
    throw new AppError(
      'BASELINE_ONE_CLASS',
      `Logistic regression must see both classes. All ${rows} training examples are "${positives === 0 ? 'no initiative' : 'initiative'}": check the corpus's tags and the tag set.`,
      { details: { rows, positives } },
    );
  }
  const ofClass =
    classWeight === 'none'
      ? [1, 1]
      : classWeight === 'balanced'
        ? [rows / (2 * (rows - positives)), rows / (2 * positives)]
        : classWeight;
  const weights = Float64Array.from(labels, (label) => inversePenalty * ofClass[label]);
  const objective = logisticObjective({ features, labels, weights, fitIntercept });
  const { x, value, iterations, converged } = minimize(objective, start, { tolerance, onProgress });
  if (!converged) {
    throw new AppError(
      'BASELINE_NOT_CONVERGED',
      `Logistic regression did not reach its minimum on ${rows} examples in ${iterations} iterations: the objective is ${value}. Check the features for values that are not finite, or raise the penalty (a smaller inversePenalty).`,
      { details: { rows, columns, iterations, objective: value } },
    );
  }
  const coefficients = products.expand(x);
  const intercept = objective.intercept();
  return {
    weights: coefficients,
    intercept,
    objective: value,
    predict(unseen) {
      const z = new Float64Array(unseen.rows);
      multiplyInto(unseen, coefficients, z);
      return z.map((margin) => sigmoid(margin + intercept));
    },
  };
}
