import type { Value } from '@overture/graph';

/** What an example is: its class, or, where several labels may hold at once, one 0 or 1 per class. */
export type Label = number | readonly number[];

/**
 * A loss over logits: Σ over examples, divided by Σ of their shares. The same function twice, as a graph that is differentiated
 * and, for one example, in float64: the slow path, which validation uses.
 */
export interface Loss {
  /** The shape of what one example feeds to the graph. */
  targetShape(classes: number): readonly number[];
  /** What one example feeds, weights included; an example that does not count feeds zeros. */
  targets(label: Label, weights: readonly number[]): readonly number[];
  /** What one example adds to the number that the sum is divided by. */
  share(label: Label, weights: readonly number[]): number;
  /**
   * @param logits float32 [examples, classes]
   * @param targets float32 [examples, ...targetShape]
   * @returns float32 []: the sum over the examples
   */
  sum(logits: Value, targets: Value): Value;
  /** One example's part of that sum. */
  of(logits: readonly number[], targets: readonly number[]): number;
}

/** −log softmax(logits), by class, in float64. */
export function surprises(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const logSum = Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0));
  return logits.map((x) => logSum - (x - most));
}

/** The class of an example that has exactly one. @throws RangeError for several labels at once. */
export function classOf(label: Label): number {
  if (typeof label === 'number') return label;
  throw new RangeError(`This loss knows one class per example. Got the labels [${label.join(', ')}]: use binaryCrossEntropy.`);
}
