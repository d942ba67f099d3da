import { counterRandom } from '@overture/core';

/** Scores of a mediocre model: n examples in conversations of one to three, with ties. For tests. */
export function randomScores(
  n: number,
  seed: number,
): { labels: number[]; probabilities: number[]; groups: string[] } {
  const random = counterRandom(seed, 'fixture');
  const labels = Array.from({ length: n }, (_, i) => (random.uniform(i) < 0.4 ? 1 : 0));
  const probabilities = labels.map(
    (label, i) => Math.round(100 / (1 + Math.exp(0.6 - label - random.normal(n + i)))) / 100,
  );
  let conversation = 0;
  const groups = labels.map((_, i) => `c${random.uniform(9 * n + i) < 0.6 ? ++conversation : conversation}`);
  return { labels, probabilities, groups };
}
