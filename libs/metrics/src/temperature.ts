import { logOdds, sigmoid } from './log-odds.ts';
import { checkScoredExamples, type ScoredExamples } from './scored-examples.ts';

const coldest = 0.05;
const hottest = 20;
/** Probabilities nearer to 0 or 1 than this have no usable log-odds in double precision. */
const edge = 1e-12;

/**
 * The temperature T that makes sigmoid(log-odds / T) fit the labels best (least negative log-likelihood; Guo et al.,
 * ICML 2017). The loss is convex in 1/T, so its slope is bisected. Kept within 0.05 to 20: perfectly separated
 * labels ask for T → 0, worthless scores for T → ∞.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function fitTemperature(examples: ScoredExamples): number {
  checkScoredExamples(examples);
  const { labels, probabilities, weights } = examples;
  const slope = (sharpness: number): number => {
    let total = 0;
    for (let i = 0; i < labels.length; i++) {
      const z = logOdds(probabilities[i], edge);
      total += (weights?.[i] ?? 1) * (sigmoid(sharpness * z) - labels[i]) * z;
    }
    return total;
  };
  let [low, high] = [1 / hottest, 1 / coldest];
  for (let step = 0; step < 60; step++) {
    const middle = Math.sqrt(low * high);
    if (slope(middle) > 0) high = middle;
    else low = middle;
  }
  return 1 / Math.sqrt(low * high);
}

/** The probability after scaling; the order of probabilities, and 0.5, stay as they are. */
export function applyTemperature(probability: number, temperature: number): number {
  return sigmoid(logOdds(probability, edge) / temperature);
}
