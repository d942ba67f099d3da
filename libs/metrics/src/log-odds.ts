/** log(p / (1 − p)), with p kept at least `edge` away from 0 and 1. */
export function logOdds(probability: number, edge: number): number {
  const p = Math.min(Math.max(probability, edge), 1 - edge);
  return Math.log(p / (1 - p));
}

/** The inverse of the log-odds. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
