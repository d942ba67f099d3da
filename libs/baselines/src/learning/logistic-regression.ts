import { AppError } from '@overture/core';
import { addTransposedProduct, multiplyInto, type SparseMatrix } from '../text/sparse-matrix.ts';
import { minimize } from './minimize.ts';

export interface LogisticRegressionOptions {
  /** Inverse strength of the L2 penalty, as scikit-learn's `C`. Default 1. */
  readonly inversePenalty?: number;
  /** `balanced`: each example weighs n / (2 × size of its class); a pair: weights of the classes 0 and 1. Default `none`. */
  readonly classWeight?: 'none' | 'balanced' | readonly [number, number];
  /** Whether there is an intercept; scikit-learn's `fit_intercept`. Default true. */
  readonly fitIntercept?: boolean;
}

/** A fitted model: P(class 1) = sigmoid(row · weights + intercept). */
export interface LogisticRegression {
  /** float64 [columns] */
  readonly weights: Float64Array;
  readonly intercept: number;
  /** P(class 1) of each row. */
  predict(features: SparseMatrix): Float64Array;
}

/**
 * Fits ½‖w‖² + C Σ weight × log-loss; the intercept is not penalised: scikit-learn's `LogisticRegression(solver='lbfgs')`
 * with a gradient tolerance of 1e-5.
 * @param labels one 0 or 1 per row.
 * @throws AppError `BASELINE_ONE_CLASS`
 */
export function fitLogisticRegression(
  features: SparseMatrix, labels: readonly number[], options: LogisticRegressionOptions = {},
): LogisticRegression {
  const { inversePenalty = 1, classWeight = 'none', fitIntercept = true } = options;
  const { rows, columns } = features;
  const positives = labels.reduce((total, label) => total + label, 0);
  if (positives === 0 || positives === rows) {
    throw new AppError(
      'BASELINE_ONE_CLASS',
      `Logistic regression must see both classes. All ${rows} training examples are "${positives === 0 ? 'no initiative' : 'initiative'}": check the corpus's tags and the tag set.`,
      { details: { rows, positives } },
    );
  }
  const ofClass = classWeight === 'none' ? [1, 1] : classWeight === 'balanced' ? [rows / (2 * (rows - positives)), rows / (2 * positives)] : classWeight;
  const weights = Float64Array.from(labels, (label) => inversePenalty * ofClass[label]);
  const margins = new Float64Array(rows);
  const residuals = new Float64Array(rows);
  // The parameters are the columns' weights and, last, the intercept.
  const { x: parameters } = minimize((x, gradient) => {
    multiplyInto(features, x, margins);
    let loss = 0;
    let residualSum = 0;
    for (let row = 0; row < rows; row++) {
      const z = margins[row] + x[columns];
      loss += weights[row] * (softplus(z) - labels[row] * z);
      residuals[row] = weights[row] * (sigmoid(z) - labels[row]);
      residualSum += residuals[row];
    }
    let squares = 0;
    for (let column = 0; column < columns; column++) {
      squares += x[column] * x[column];
      gradient[column] = x[column];
    }
    gradient[columns] = fitIntercept ? residualSum : 0;
    addTransposedProduct(features, residuals, gradient);
    return loss + squares / 2;
  }, new Float64Array(columns + 1), { gradientTolerance: 1e-5 });
  const [coefficients, intercept] = [parameters.slice(0, columns), parameters[columns]];
  return {
    weights: coefficients,
    intercept,
    predict(unseen) {
      const z = new Float64Array(unseen.rows);
      multiplyInto(unseen, coefficients, z);
      return z.map((margin) => sigmoid(margin + intercept));
    },
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** ln(1 + eˣ), without overflow. */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
