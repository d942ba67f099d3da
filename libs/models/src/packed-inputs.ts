/** Names of the packed graph's inputs; `packBatch` feeds them. A graph has those that its network asks for. */
export const packedInputs = {
  /** int64 [tokens of sequence i] */
  sequence: (i: number): string => `sequence.${i}`,
  /** int64 [tokens]: what all sequences begin with, where it is given once. */
  beginning: 'beginning',
  /** int64 [tokens] */
  positions: 'positions',
  /** float32 [tokens, hidden]: hidden states that the batch brings along; see `packStates`. */
  states: 'states',
  /** A mask of dropout; see `DropoutSite`. */
  dropout: (site: number): string => `dropout.${site}`,
  /** float32 [sequences, tokens], for means. */
  pooling: 'pooling',
  /** int64 [chosen]: the tokens that something is read from, counted through the batch; see `chooseTokens`. */
  chosen: 'chosen',
  /** int64 [tokens]: the place of a token among the chosen, -1 elsewhere. */
  places: 'chosen.places',
  /** int64 [sequences, longest]: the token in each cell of the grid that all sequences attend on at once, -1 behind a sequence's end. */
  grid: 'grid',
  /** int64 [tokens]: the cell of each token, counted through the grid. */
  cells: 'grid.cells',
  /** int64 [longest]: 0, 1, 2, … */
  columns: 'grid.columns',
} as const;
