import { bootstrapDraws, pairedDifference, type BootstrapDraws, type BootstrapOptions, type Difference } from './bootstrap.ts';
import { metricTable, type MetricName } from './metric-table.ts';
import type { ScoredExamples } from './scored-examples.ts';
import { sampleWeigher } from './weighted-sample.ts';

/** A difference, its interval, and its p-value; null where undefined. */
export interface TestedDifference extends Difference {
  /** Two-sided. */
  readonly p: number | null;
}

/** One side of a comparison: probabilities, and from which on initiative is predicted. Default 0.5. */
export interface Contestant {
  readonly probabilities: ArrayLike<number>;
  readonly threshold?: number | ArrayLike<number>;
}

/**
 * Paired bootstrap test over conversations, first minus second: both models on the same resamples. p is twice the share of resamples on
 * the other side of zero, one added to both counts, so that it is never 0 (Davison & Hinkley 1997, section 4.4; the interval inverted).
 * @throws AppError `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function pairedTest<Name extends MetricName>(
  examples: Omit<ScoredExamples, 'probabilities'>, [first, second]: readonly [Contestant, Contestant], options: BootstrapOptions & { readonly metrics: readonly Name[] },
): Readonly<Record<Name, TestedDifference>> {
  const statistics = Object.fromEntries(options.metrics.map((name) => [name, metricTable[name].of]));
  const [a, b] = [first, second].map(({ probabilities, threshold = 0.5 }) => {
    const weigher = sampleWeigher({ ...examples, probabilities }, threshold);
    return { sample: weigher.original, draws: bootstrapDraws(weigher, statistics, options) };
  }) as [Drawn, Drawn];
  return Object.fromEntries(options.metrics.map((name) => {
    const [ofA, ofB] = [a, b].map(({ sample, draws }) => ({ value: metricTable[name].of(sample), draws: draws[name] as Float64Array })) as [Side, Side];
    return [name, { ...pairedDifference(ofA, ofB), p: pValue(ofA, ofB) }];
  })) as Record<Name, TestedDifference>;
}

interface Drawn {
  readonly sample: ReturnType<typeof sampleWeigher>['original'];
  readonly draws: BootstrapDraws<string>;
}

interface Side {
  readonly value: number | null;
  readonly draws: Float64Array;
}

function pValue(a: Side, b: Side): number | null {
  if (a.value === null || b.value === null) return null;
  const differences = a.draws.map((draw, i) => draw - b.draws[i]).filter((value) => !Number.isNaN(value));
  if (differences.length * 2 <= a.draws.length) return null;
  const [below, above] = [differences.filter((value) => value <= 0).length, differences.filter((value) => value >= 0).length];
  return Math.min(1, (2 * (1 + Math.min(below, above))) / (differences.length + 1));
}
