import { evaluateScores, type EvaluateOptions, type Scores } from './evaluate-scores.ts';
import type { ScoredExamples } from './scored-examples.ts';

/** Scores of the examples that share a property. */
export interface SliceScores extends Scores {
  /** The property that divides the examples, such as "turn". */
  readonly by: string;
  /** The part, such as "1" or "4+". */
  readonly name: string;
}

/**
 * Scores per part, in the order of `names` (default: sorted by code unit). Parts without examples are left
 * out.
 * @param keys n names: the part of each example
 */
export function slicesBy(
  by: string,
  examples: ScoredExamples & { readonly keys: ArrayLike<string> },
  options: EvaluateOptions & { readonly names?: readonly string[] } = {},
): SliceScores[] {
  const indices = new Map<string, number[]>();
  for (let i = 0; i < examples.keys.length; i++) {
    const key = examples.keys[i];
    const known = indices.get(key);
    if (known === undefined) indices.set(key, [i]);
    else known.push(i);
  }
  const names = options.names ?? [...indices.keys()].sort();
  return names
    .filter((name) => indices.has(name))
    .map((name) => ({
      by,
      name,
      ...evaluateScores(pick(examples, indices.get(name) as number[]), options),
    }));
}

const lastTurnShown = 4;

/** The part of a system turn (0-based ordinal): "1", "2", "3" or "4+". */
export function turnSliceName(systemTurn: number): string {
  return systemTurn + 1 >= lastTurnShown ? `${lastTurnShown}+` : `${systemTurn + 1}`;
}

function pick(
  { labels, probabilities, groups, weights }: ScoredExamples,
  indices: readonly number[],
): ScoredExamples {
  return {
    labels: indices.map((i) => labels[i]),
    probabilities: indices.map((i) => probabilities[i]),
    ...(groups && { groups: indices.map((i) => groups[i]) }),
    ...(weights && { weights: indices.map((i) => weights[i]) }),
  };
}
