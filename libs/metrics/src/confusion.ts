/**
 * Counts (or weights) of decisions by true class. "Positive" is initiative, predicted if and only if
 * probability ≥ threshold.
 */
export interface Confusion {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
}

/** The scores of one class. `support` is the number of examples that truly belong to it. */
export interface ClassScores {
  precision: number;
  recall: number;
  f1: number;
  support: number;
}

/** a / b, or 0 if b is 0: scikit-learn's default (`zero_division`) without its warning. */
export function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

/** Precision, recall, F1 and support of "initiative"; each is 0 where its denominator is 0. */
export function initiativeScores({ tp, fp, fn }: Confusion): ClassScores {
  return {
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    support: tp + fn,
  };
}

/** The scores of "no initiative": the same with the classes exchanged. */
export function noInitiativeScores({ tp, fp, fn, tn }: Confusion): ClassScores {
  return initiativeScores({ tp: tn, fp: fn, fn: fp, tn: tp });
}
