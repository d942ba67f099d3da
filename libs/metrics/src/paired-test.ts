import { bootstrapDraws, pairedDifference, type BootstrapOptions, type Difference } from './bootstrap.ts';
import type { Statistic } from './metric.ts';
import { metricTable, type MetricName } from './metric-table.ts';
import type { ScoredExamples } from './scored-examples.ts';
import { sampleWeigher } from './weighted-sample.ts';

/** A difference with its interval and p-value; null if undefined. */
export interface TestedDifference extends Difference {
  /** Two-sided. */
  readonly p: number | null;
}

/**
 * One side of a comparison: probabilities, and the threshold from which initiative is predicted. Default 0.5.
 */
export interface ComparedPredictions {
  readonly probabilities: ArrayLike<number>;
  readonly threshold?: number | ArrayLike<number>;
}

/**
 * Paired bootstrap test over conversations, first minus second, with both models on the same resamples. p is
 * twice the share of resamples on the other side of zero. One is added to both counts, so p is never 0
 * (Davison & Hinkley 1997, section 4.4; the interval inverted).
 * @throws AppError `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function pairedTest<Name extends MetricName>(
  examples: Omit<ScoredExamples, 'probabilities'>,
  [first, second]: readonly [ComparedPredictions, ComparedPredictions],
  options: BootstrapOptions & { readonly metrics: readonly Name[] },
): Readonly<Record<Name, TestedDifference>> {
  const statistics = Object.fromEntries(
    options.metrics.map((name) => [name, metricTable[name].of]),
  ) as Record<Name, Statistic>;
  const [a, b] = [first, second].map(({ probabilities, threshold = 0.5 }) => {
    const weigher = sampleWeigher({ ...examples, probabilities }, threshold);
    const draws = bootstrapDraws(weigher, statistics, options);
    return (name: Name): Drawn => ({ value: metricTable[name].of(weigher.original), draws: draws[name] });
  });
  return Object.fromEntries(
    options.metrics.map((name) => [name, testedDifference(a(name), b(name))]),
  ) as Record<Name, TestedDifference>;
}

/** A value, and its draws over the resamples. */
export interface Drawn {
  readonly value: number | null;
  readonly draws: Float64Array;
}

/** First minus second from paired draws, with interval and p. */
export function testedDifference(first: Drawn, second: Drawn): TestedDifference {
  return { ...pairedDifference(first, second), p: pValue(first, second) };
}

function pValue(a: Drawn, b: Drawn): number | null {
  if (a.value === null || b.value === null) return null;
  const differences = a.draws.map((draw, i) => draw - b.draws[i]).filter((value) => !Number.isNaN(value));
  if (differences.length * 2 <= a.draws.length) return null;
  const [below, above] = [
    differences.filter((value) => value <= 0).length,
    differences.filter((value) => value >= 0).length,
  ];
  return Math.min(1, (2 * (1 + Math.min(below, above))) / (differences.length + 1));
}
