/** Limits that keep memory constant for any file. Each has its own error. */
export interface ReadLimits {
  /** Maximum bytes of a line (in MSDialog's JSON: of a dialogue). */
  readonly lineBytes: number;
  /** Maximum utterances in one conversation. */
  readonly utterances: number;
  /** How many problems are collected before reading stops. */
  readonly problems: number;
}

/** Generous: MSDialog's longest line has 6,286 bytes and its longest conversation 10 utterances. */
export const defaultReadLimits: ReadLimits = { lineBytes: 4 * 1024 * 1024, utterances: 2_000, problems: 10 };
