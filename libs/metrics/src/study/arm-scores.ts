import { bootstrapDraws, type BootstrapOptions } from '../bootstrap.ts';
import { initiativeScores, noInitiativeScores } from '../confusion.ts';
import {
  decisionStatistics,
  intervalsOf,
  probabilityStatistics,
  type ClassStatistic,
  type Scores,
} from '../evaluate-scores.ts';
import { metricNames, type MetricName } from '../metric-table.ts';
import type { Drawn } from '../paired-test.ts';
import type { ScoredExamples } from '../scored-examples.ts';
import { decisionWeigher, sampleWeigher, type Resampler } from '../weighted-sample.ts';

/** Scores of an arm. An arm without probabilities has none of the scores that need them. */
export interface ArmScores extends Omit<Scores, 'brier' | 'ece'> {
  readonly brier: number | null;
  readonly ece: number | null;
}

/** An arm's statistics with their draws, by name. */
export type Measured = Readonly<Record<MetricName | ClassStatistic, Drawn>>;

const noDraws: Drawn = { value: null, draws: new Float64Array() };

/**
 * Every statistic of an arm at a threshold, on the same resamples. Those of probabilities are null if the arm
 * only makes decisions.
 */
export function measure(
  examples: ScoredExamples,
  threshold: number | ArrayLike<number>,
  { hard, bootstrap }: { readonly hard: boolean; readonly bootstrap: BootstrapOptions },
): Measured {
  const none = Object.fromEntries(metricNames.map((name) => [name, noDraws]));
  return {
    ...none,
    ...drawn(decisionWeigher(examples, threshold), decisionStatistics, bootstrap),
    ...(!hard && drawn(sampleWeigher(examples, threshold), probabilityStatistics, bootstrap)),
  } as Measured;
}

/** The same at other thresholds, which change only the decisions. */
export function measureAgain(
  before: Measured,
  examples: ScoredExamples,
  { threshold, bootstrap }: { readonly threshold: ArrayLike<number>; readonly bootstrap: BootstrapOptions },
): Measured {
  return { ...before, ...drawn(decisionWeigher(examples, threshold), decisionStatistics, bootstrap) };
}

/** The measured scores, with their intervals. */
export function armScores(
  measured: Measured,
  examples: ScoredExamples,
  threshold: number | ArrayLike<number>,
): ArmScores {
  const { confusion } = decisionWeigher(examples, threshold).original;
  const values = Object.fromEntries(metricNames.map((name) => [name, measured[name].value])) as Pick<
    ArmScores,
    MetricName
  >;
  const draws = Object.fromEntries(
    Object.entries(measured).map(([name, each]) => [name, each.draws]),
  ) as Record<keyof Measured, Float64Array>;
  return {
    n: examples.labels.length,
    ...values,
    perClass: { initiative: initiativeScores(confusion), noInitiative: noInitiativeScores(confusion) },
    confusion,
    ci95: intervalsOf(values, draws),
  };
}

function drawn<Name extends string, Sample>(
  weigher: Resampler<Sample>,
  statistics: Readonly<Record<Name, (sample: Sample) => number | null>>,
  bootstrap: BootstrapOptions,
): Record<Name, Drawn> {
  const draws = bootstrapDraws(weigher, statistics, bootstrap);
  return Object.fromEntries(
    (Object.keys(statistics) as Name[]).map((name) => [
      name,
      { value: statistics[name](weigher.original), draws: draws[name] },
    ]),
  ) as Record<Name, Drawn>;
}
