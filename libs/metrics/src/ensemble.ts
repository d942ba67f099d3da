import { logOdds, sigmoid } from './log-odds.ts';

/** Probabilities are clipped to this distance from 0 and 1, so that no member dominates by being certain. */
const edge = 1e-3;

/** The predictions of one training of a member: n probabilities, and the threshold of each. */
export interface EnsembleMember {
  readonly probabilities: ArrayLike<number>;
  readonly thresholds: ArrayLike<number>;
}

/**
 * P(initiative) of an ensemble: the mean of its members' log-odds, each relative to its own threshold. The
 * ensemble's own threshold is therefore 0.5. The trainings of a member are averaged and count once. Nothing
 * is fitted.
 * @param members for each member, its trainings
 */
export function ensembleProbabilities(members: readonly (readonly EnsembleMember[])[]): Float64Array {
  const [first] = members.flat();
  return Float64Array.from(first?.probabilities ?? [], (_, i) =>
    sigmoid(
      mean(
        members.map((voices) =>
          mean(
            voices.map(
              ({ probabilities, thresholds }) =>
                logOdds(probabilities[i], edge) - logOdds(thresholds[i], edge),
            ),
          ),
        ),
      ),
    ),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
