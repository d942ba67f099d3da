import type { Example, ExampleInput } from '@overture/dialogue';

/** P(initiative) of each example, in their order. */
export type Scorer = (examples: readonly ExampleInput[]) => Float64Array;

/** A predictor so simple that a model which does not beat it has learned nothing. */
export interface Baseline {
  /** Stable, for reports: the key of its row in `baselineTable`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /**
   * Deterministic: the same examples in the same order return the same scorer.
   * @param onProgress called with the share of the fit that is done, 0 to 1
   */
  fit(examples: readonly Example[], onProgress?: (share: number) => void): Scorer;
}
