import type { Example, ExampleInput } from '@overture/dialogue';

/** P(initiative) of each example, in their order. */
export type Scorer = (examples: readonly ExampleInput[]) => Float64Array;

/** A simple predictor. A model that does not beat it has learned nothing useful. */
export interface Baseline {
  /** Stable name for reports: the key of its row in `baselineTable`. */
  readonly name: string;
  /** The displayed title. */
  readonly title: string;
  /**
   * Fits the baseline. Deterministic: the same examples in the same order return the same scorer.
   * @param onProgress called with the completed share of the fit, 0 to 1
   */
  fit(examples: readonly Example[], onProgress?: (share: number) => void): Scorer;
}
