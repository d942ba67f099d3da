/** Bounds that keep memory constant whatever the file; each has its own error. */
export interface ReadLimits {
  /** Longest line (or, in MSDialog's JSON, longest dialogue) in bytes. */
  readonly lineBytes: number;
  /** Most utterances in one conversation. */
  readonly utterances: number;
  /** How many problems are collected before reading stops. */
  readonly problems: number;
}

/** MSDialog's longest line has 6,286 bytes and its longest conversation 10 utterances: there is room. */
export const defaultReadLimits: ReadLimits = { lineBytes: 4 * 1024 * 1024, utterances: 2_000, problems: 10 };
