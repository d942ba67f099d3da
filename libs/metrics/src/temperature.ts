import { logOdds, sigmoid } from './log-odds.ts';
import { checkScoredExamples, type ScoredExamples } from './scored-examples.ts';

const coldest = 0.05;
const hottest = 20;
/** Probabilities closer to 0 or 1 than this have no usable log-odds in double precision. */
const edge = 1e-12;

/**
 * The temperature T for which sigmoid(log-odds / T) fits the labels best (minimum negative log-likelihood;
 * Guo et al., ICML 2017). The loss is convex in 1/T, so its slope is bisected. T is limited to 0.05 to 20:
 * perfectly separated labels would lead to T → 0, useless scores to T → ∞.
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

/** The probability after scaling. The order of probabilities and the value 0.5 are preserved. */
export function applyTemperature(probability: number, temperature: number): number {
  return sigmoid(logOdds(probability, edge) / temperature);
}
