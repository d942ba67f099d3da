import {
  jointDraws,
  percentileInterval,
  type BootstrapDraws,
  type BootstrapOptions,
  type Interval,
} from './bootstrap.ts';
import { initiativeScores, noInitiativeScores, type ClassScores, type Confusion } from './confusion.ts';
import { metricNames, metricTable, type DecisionMetricName, type MetricName } from './metric-table.ts';
import type { Statistic } from './metric.ts';
import type { ScoredExamples } from './scored-examples.ts';
import { sampleWeigher, type ConfusionSample, type SampleResampler } from './weighted-sample.ts';

/** One value per class. */
export interface PerClass<T> {
  readonly initiative: T;
  readonly noInitiative: T;
}

/** 95 % intervals of every metric and every class score; null if undefined. */
export type Intervals = Readonly<Record<MetricName, Interval | null>> & {
  readonly perClass: PerClass<Readonly<Record<'precision' | 'recall' | 'f1', Interval | null>>>;
};

/** The scores of n examples at one threshold. `auc` and `averagePrecision` are null if undefined. */
export interface Scores {
  readonly n: number;
  readonly macroF1: number;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly auc: number | null;
  readonly averagePrecision: number | null;
  readonly mcc: number;
  readonly brier: number;
  readonly ece: number;
  readonly perClass: PerClass<ClassScores>;
  readonly confusion: Confusion;
  /** Null if no bootstrap was requested. */
  readonly ci95: Intervals | null;
}

/** The threshold and the bootstrap of an evaluation. */
export interface EvaluateOptions {
  /**
   * Initiative is predicted if and only if probability ≥ threshold: one for all examples, or one per example.
   * Default 0.5.
   */
  readonly threshold?: number | ArrayLike<number>;
  /** `false` omits the intervals. Default: 2,000 samples, seed 0. */
  readonly bootstrap?: BootstrapOptions | false;
}

/**
 * All scores with their 95 % intervals.
 * @throws AppError `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function evaluateScores(examples: ScoredExamples, options: EvaluateOptions = {}): Scores {
  const weigher = sampleWeigher(examples, options.threshold ?? 0.5);
  return scoresOf(
    weigher,
    options.bootstrap === false ? null : drawScores([weigher], options.bootstrap ?? {})[0]!,
  );
}

const classScores = { initiative: initiativeScores, noInitiative: noInitiativeScores } as const;
const classScoreNames = ['precision', 'recall', 'f1'] as const;
/** The name of a class score, such as `initiative.f1`. */
export type ClassStatistic = `${keyof typeof classScores}.${(typeof classScoreNames)[number]}`;

const ofNeed = (need: 'decisions' | 'probabilities'): Record<string, Statistic> =>
  Object.fromEntries(
    metricNames
      .filter((name) => metricTable[name].needs === need)
      .map((name) => [name, metricTable[name].of]),
  );

/** Every statistic that has an interval and needs only decisions. */
export const decisionStatistics = {
  ...ofNeed('decisions'),
  ...Object.fromEntries(
    Object.entries(classScores).flatMap(([name, of]) =>
      classScoreNames.map((score) => [
        `${name}.${score}`,
        ({ confusion }: ConfusionSample) => of(confusion)[score],
      ]),
    ),
  ),
} as Record<DecisionMetricName | ClassStatistic, Statistic<ConfusionSample>>;

/** Every statistic that has an interval and needs probabilities. */
export const probabilityStatistics = ofNeed('probabilities') as Record<
  Exclude<MetricName, DecisionMetricName>,
  Statistic
>;

const statistics: Record<MetricName | ClassStatistic, Statistic> = {
  ...probabilityStatistics,
  ...decisionStatistics,
};

/** Draws of every number in `Scores`, from which intervals and paired differences are computed. */
export type ScoreDraws = BootstrapDraws<MetricName | ClassStatistic>;

/** The draws of several models over the same groups, on the same resamples. */
export function drawScores(weighers: readonly SampleResampler[], bootstrap: BootstrapOptions): ScoreDraws[] {
  return jointDraws(weighers, statistics, bootstrap);
}

/** Scores of prepared examples; `draws` is null if no intervals are needed. */
export function scoresOf(weigher: SampleResampler, draws: ScoreDraws | null): Scores {
  const sample = weigher.original;
  const values = Object.fromEntries(metricNames.map((name) => [name, metricTable[name].of(sample)])) as Pick<
    Scores,
    MetricName
  >;
  return {
    n: sample.labels.length,
    ...values,
    perClass: {
      initiative: initiativeScores(sample.confusion),
      noInitiative: noInitiativeScores(sample.confusion),
    },
    confusion: sample.confusion,
    ci95: draws && intervalsOf(values, draws),
  };
}

/** Intervals from draws; null for metrics whose value is null. */
export function intervalsOf(
  values: Readonly<Record<MetricName, number | null>>,
  draws: BootstrapDraws<MetricName | ClassStatistic>,
): Intervals {
  // An interval around an undefined value would be meaningless.
  const ofMetric = (name: MetricName): Interval | null =>
    values[name] === null ? null : percentileInterval(draws[name]);
  const ofClass = (name: keyof typeof classScores): Intervals['perClass']['initiative'] => ({
    precision: percentileInterval(draws[`${name}.precision`]),
    recall: percentileInterval(draws[`${name}.recall`]),
    f1: percentileInterval(draws[`${name}.f1`]),
  });
  return {
    ...(Object.fromEntries(metricNames.map((name) => [name, ofMetric(name)])) as Record<
      MetricName,
      Interval | null
    >),
    perClass: { initiative: ofClass('initiative'), noInitiative: ofClass('noInitiative') },
  };
}
