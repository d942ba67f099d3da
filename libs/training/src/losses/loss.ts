import type { Value } from '@overture/graph';

/** An example's class or, for several labels, one 0 or 1 per class. */
export type Label = number | readonly number[];

/**
 * A loss over logits: the sum over examples, divided by the sum of their shares. It is implemented twice: as
 * a differentiable graph, and in float64 for one example, which is slower and used for validation.
 */
export interface Loss {
  /** Shape of an example's target. */
  targetShape(classes: number): readonly number[];
  /** An example's target, weights included. Fillers have zeros. */
  targets(label: Label, weights: readonly number[]): readonly number[];
  /** An example's contribution to the divisor of the sum. */
  share(label: Label, weights: readonly number[]): number;
  /**
   * Builds the sum over the examples.
   * @param logits float32 [examples, classes]
   * @param targets float32 [examples, ...targetShape]
   * @returns float32 []
   */
  sum(logits: Value, targets: Value): Value;
  /** One example's term of that sum, in float64. */
  of(logits: readonly number[], targets: readonly number[]): number;
}

/** −log softmax(logits), by class, in float64. */
export function negLogSoftmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0));
  return logits.map((x) => logSum - (x - most));
}

/**
 * The class of an example that has exactly one.
 * @throws RangeError for a multi-label example
 */
export function classOf(label: Label): number {
  if (typeof label === 'number') return label;
  throw new RangeError(
    `This loss knows one class per example. Got the labels [${label.join(', ')}]: use binaryCrossEntropy.`,
  );
}
