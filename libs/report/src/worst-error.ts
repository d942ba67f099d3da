/** A wrong decision for inspection. */
export interface WorstError {
  readonly exampleId: string;
  readonly label: 0 | 1;
  readonly probability: number;
  /** The end of the history, if text of the corpus may be shown. */
  readonly excerpt?: string;
}

/** Optional settings of a rendered report. */
export interface RenderOptions {
  /** Default: "System initiative on {corpus}, {split}". */
  readonly title?: string;
  readonly worstErrors?: readonly WorstError[];
}
