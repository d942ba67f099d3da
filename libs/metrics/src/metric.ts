import type { ConfusionSample, WeightedSample } from './weighted-sample.ts';

/** One number of a sample; null if undefined. */
export type Statistic<Sample = WeightedSample> = (sample: Sample) => number | null;

interface Named {
  readonly label: string;
  readonly better: 'higher' | 'lower';
}

/** A metric of decisions alone, which is also defined for a model without probabilities. */
export interface DecisionMetric extends Named {
  readonly needs: 'decisions';
  readonly of: Statistic<ConfusionSample>;
}

/** A metric of probabilities. */
export interface ProbabilityMetric extends Named {
  readonly needs: 'probabilities';
  readonly of: Statistic;
}

/** A row of the metric table: how to compute it, its name, and which direction is better. */
export type Metric = DecisionMetric | ProbabilityMetric;
