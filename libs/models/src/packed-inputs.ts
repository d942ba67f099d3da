/**
 * Input names of the packed graph; `packBatch` feeds them. A graph has only the inputs that its network uses.
 */
export const packedInputs = {
  /** int64 [tokens of sequence i] */
  sequence: (i: number): string => `sequence.${i}`,
  /** int64 [tokens]: the common prefix of all sequences, if the graph computes it once. */
  beginning: 'beginning',
  /** int64 [tokens] */
  positions: 'positions',
  /** float32 [tokens, hidden]: hidden states that the batch supplies; see `packStates`. */
  states: 'states',
  /** A dropout mask; see `DropoutSite`. */
  dropout: (site: number): string => `dropout.${site}`,
  /** float32 [sequences, tokens], for means. */
  pooling: 'pooling',
  /** int64 [chosen]: the tokens whose output is used, numbered across the batch; see `chooseTokens`. */
  chosen: 'chosen',
  /** int64 [tokens]: index of the token among the chosen ones, otherwise -1. */
  places: 'chosen.places',
  /**
   * int64 [sequences, longest]: the token in each cell of the grid on which all sequences attend in one
   * operation; -1 after a sequence's end.
   */
  grid: 'grid',
  /** int64 [tokens]: cell of each token in the flattened grid. */
  cells: 'grid.cells',
  /** int64 [longest]: 0, 1, 2, … */
  columns: 'grid.columns',
} as const;
