/** A wrong decision to look at. */
export interface WorstError {
  readonly exampleId: string;
  readonly label: 0 | 1;
  readonly probability: number;
  /** The end of the history, if the corpus's text may be shown. */
  readonly excerpt?: string;
}

/** What may be shown beside the report itself. */
export interface RenderOptions {
  /** Default: "System initiative on {corpus}, {split}". */
  readonly title?: string;
  readonly worstErrors?: readonly WorstError[];
}
