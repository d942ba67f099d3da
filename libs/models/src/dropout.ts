/** The shares that training drops (Srivastava et al. 2014), by what they are shares of. */
export interface DropoutRates {
  /** Hidden states, where a family drops them, and what a classifier reads. */
  readonly hidden: number;
  /** Attention probabilities. */
  readonly attention: number;
  /** What a low-rank adapter reads. */
  readonly adapter: number;
}

/** A place in a training graph that multiplies by a mask, which it is fed: 0 for what is dropped, 1 / (1 − rate) for what stays. */
export interface DropoutSite {
  /** The input; where `of` is `scores`, before `.i`, one input for each sequence. */
  readonly name: string;
  readonly rate: number;
  /** What a mask covers: `tokens` float32 [tokens, width], `sequences` [sequences, width], `scores` [width, length, length] for each sequence. */
  readonly of: 'tokens' | 'sequences' | 'scores';
  /** Columns; of scores, heads. */
  readonly width: number;
}
