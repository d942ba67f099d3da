/** Dropout rates of training (Srivastava et al. 2014). */
export interface DropoutRates {
  /** Rate for hidden states, where the family applies dropout, and for the classifier's input. */
  readonly hidden: number;
  /** Rate for attention probabilities. */
  readonly attention: number;
  /** Rate for the input of a low-rank adapter. */
  readonly adapter: number;
}

/**
 * A place in a training graph where values are multiplied by a mask input: 0 for dropped elements, 1 / (1 −
 * rate) for the others.
 */
export interface DropoutSite {
  /** Name of the input. If `of` is `scores`, there is one input `name.i` per sequence i. */
  readonly name: string;
  readonly rate: number;
  /**
   * What the mask covers: `tokens` float32 [tokens, width], `sequences` [sequences, width], `scores` [width,
   * length, length] per sequence.
   */
  readonly of: 'tokens' | 'sequences' | 'scores';
  /** Number of columns; for scores, of heads. */
  readonly width: number;
}
