import { logOdds, sigmoid } from './log-odds.ts';

/** A probability nearer to 0 or 1 counts as this one: no member outvotes the others by being sure. */
const edge = 1e-3;

/** What one training of a member said: n probabilities, and the threshold of each. */
export interface Voice {
  readonly probabilities: ArrayLike<number>;
  readonly thresholds: ArrayLike<number>;
}

/**
 * P(initiative) of an ensemble: the mean of its members' log-odds, each relative to its own threshold, so that 0.5 is where the members decide on average.
 * A member of several trainings is their mean, and counts once. Nothing is fitted.
 * @param members for each member, its trainings
 */
export function ensembleProbabilities(members: readonly (readonly Voice[])[]): Float64Array {
  const [first] = members.flat();
  return Float64Array.from(first?.probabilities ?? [], (_, i) =>
    sigmoid(mean(members.map((voices) => mean(voices.map(({ probabilities, thresholds }) => logOdds(probabilities[i], edge) - logOdds(thresholds[i], edge)))))));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
