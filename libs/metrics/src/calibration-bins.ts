/** Number of equally wide bins of probabilities. */
export const calibrationBinCount = 10;

/** The index of a probability's bin: [0, 0.1), [0.1, 0.2), …, [0.9, 1]. */
export function calibrationBinOf(probability: number): number {
  return Math.min(Math.floor(probability * calibrationBinCount), calibrationBinCount - 1);
}
